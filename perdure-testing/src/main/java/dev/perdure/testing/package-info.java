/**
 * What users test their durable functions with: a hub in memory whose time the test moves, a runner
 * that kills the host at every commit, and a check of code against recorded histories.
 */
@NullMarked
package dev.perdure.testing;

import org.jspecify.annotations.NullMarked;
