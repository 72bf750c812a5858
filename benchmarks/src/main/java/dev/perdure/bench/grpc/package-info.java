/** Workloads in which a server does the work, and workers and clients are another process. */
@NullMarked
package dev.perdure.bench.grpc;

import org.jspecify.annotations.NullMarked;
