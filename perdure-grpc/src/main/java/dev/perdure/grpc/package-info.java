/**
 * The gRPC server: lets Durable Task SDKs of any language use a Perdure hub. The calls of clients
 * are here; what workers call is behind {@link dev.perdure.grpc.WorkerCalls}.
 */
@NullMarked
package dev.perdure.grpc;

import org.jspecify.annotations.NullMarked;
