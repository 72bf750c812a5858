/** The workloads. Each verifies what it gets: a fast engine that loses an instance has failed. */
@NullMarked
package dev.perdure.bench.workloads;

import org.jspecify.annotations.NullMarked;
