/**
 * What an orchestration is: a state that history events change, one after the other, whether they
 * were decided a moment ago or are read back from disk. No I/O, no clock, no threads.
 */
@NullMarked
package dev.perdure.engine.instance;

import org.jspecify.annotations.NullMarked;
