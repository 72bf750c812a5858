/** Hands work to the workers that have connected, and takes their answers. */
@NullMarked
package dev.perdure.grpc.worker;

import org.jspecify.annotations.NullMarked;
