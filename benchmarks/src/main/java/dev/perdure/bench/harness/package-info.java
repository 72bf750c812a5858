/** What a workload is written with: its context, its figures and goals, and the instruments. */
@NullMarked
package dev.perdure.bench.harness;

import org.jspecify.annotations.NullMarked;
