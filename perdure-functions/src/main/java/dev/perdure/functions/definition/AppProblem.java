package dev.perdure.functions.definition;

import org.jspecify.annotations.Nullable;

/**
 * Something that is wrong with an app. The rest of it runs.
 *
 * @param function the function that does not run because of it; null if it is about none
 * @param message what is wrong, why, and what to do
 */
public record AppProblem(@Nullable String function, String message) {}
