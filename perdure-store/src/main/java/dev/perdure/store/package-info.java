/**
 * What a store promises, and nothing about how. A store keeps, for every partition of a hub, a log
 * of records and the rows that are checkpoints of it. It knows nothing of what orchestrations mean:
 * records and states are bytes to it, and the few columns it sees are there to be listed by.
 *
 * <p>The promises are written as tests in {@code perdure-store-testkit}; every store runs them.
 */
@NullMarked
package dev.perdure.store;

import org.jspecify.annotations.NullMarked;
