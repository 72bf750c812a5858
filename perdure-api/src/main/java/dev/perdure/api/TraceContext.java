package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/**
 * The distributed trace that a call belongs to, in the form of the W3C recommendation "Trace
 * Context". Perdure passes it on and does not interpret it. Immutable.
 *
 * @param traceParent the value of the header of that name
 * @param traceState the value of the header of that name; null if there is none
 */
public record TraceContext(String traceParent, @Nullable String traceState) {}
