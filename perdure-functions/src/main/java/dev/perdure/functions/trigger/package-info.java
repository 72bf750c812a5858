/** What makes functions run. */
@NullMarked
package dev.perdure.functions.trigger;

import org.jspecify.annotations.NullMarked;
