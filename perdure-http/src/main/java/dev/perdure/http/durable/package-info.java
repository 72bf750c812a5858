/**
 * The HTTP API of Durable Functions: orchestrations and entities, started, read and changed over
 * HTTP. It is made of functions from requests to responses and knows no server.
 */
@NullMarked
package dev.perdure.http.durable;

import org.jspecify.annotations.NullMarked;
