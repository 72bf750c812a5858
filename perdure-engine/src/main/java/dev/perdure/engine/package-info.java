/**
 * The engine: partitions that decide commands into events, and everything that carries the events
 * to the store, to user code and back.
 */
@NullMarked
package dev.perdure.engine;

import org.jspecify.annotations.NullMarked;
