/**
 * Deterministic simulation: whole hosts, their clients and their users' code run in one thread, in
 * virtual time, in an order that a seed chooses, on a store that forgets what was not durable. A
 * seed that fails fails every time.
 */
@NullMarked
package dev.perdure.simulation;

import org.jspecify.annotations.NullMarked;
