/** A server that Durable Task SDKs use as their backend: hubs, gRPC, health and metrics. */
@NullMarked
package dev.perdure.server;

import org.jspecify.annotations.NullMarked;
