/**
 * What stands behind {@link dev.perdure.api.OrchestrationContext#callHttp}: the activity that makes
 * one request, and the rule by which a 202 answer is polled.
 */
@NullMarked
package dev.perdure.engine.http;

import org.jspecify.annotations.NullMarked;
