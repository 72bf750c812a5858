/**
 * Serves HTTP: requests and responses as plain values, routes, keys, and the server itself. What is
 * here knows nothing of orchestrations.
 */
@NullMarked
package dev.perdure.http;

import org.jspecify.annotations.NullMarked;
