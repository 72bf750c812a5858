/**
 * Partitions: each a single-threaded machine that takes commands, decides them into events, and
 * lets the world notice once the events are durable.
 */
@NullMarked
package dev.perdure.engine.partition;

import org.jspecify.annotations.NullMarked;
