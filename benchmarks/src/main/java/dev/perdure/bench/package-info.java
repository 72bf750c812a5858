/** The command that runs workloads, each in a JVM of its own, and shows what they measured. */
@NullMarked
package dev.perdure.bench;

import org.jspecify.annotations.NullMarked;
