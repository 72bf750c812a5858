/** Event hubs: partitions of events that are kept durably for some time. */
@NullMarked
package dev.perdure.iothub.event;

import org.jspecify.annotations.NullMarked;
