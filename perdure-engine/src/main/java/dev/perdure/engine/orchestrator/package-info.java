/**
 * Runs an orchestrator's code on a thread of its own: events in, actions out. While the code waits
 * its thread is parked; going on needs no replay. An orchestration that was taken out of memory is
 * rebuilt by replaying its history, and what the code asks for is checked against what it asked for
 * then.
 */
@NullMarked
package dev.perdure.engine.orchestrator;

import org.jspecify.annotations.NullMarked;
