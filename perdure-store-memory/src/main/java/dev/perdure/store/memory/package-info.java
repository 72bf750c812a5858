/**
 * A store in the heap, for tests and experiments: as strict as the real ones, and able to crash and
 * fail on demand.
 */
@NullMarked
package dev.perdure.store.memory;

import org.jspecify.annotations.NullMarked;
