/** Queues and blobs of Azure Storage as triggers, inputs and outputs of functions. */
@NullMarked
package dev.perdure.trigger.storage;

import org.jspecify.annotations.NullMarked;
