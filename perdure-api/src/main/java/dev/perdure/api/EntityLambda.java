package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** An entity as one function, which is called for every operation. */
@FunctionalInterface
public interface EntityLambda {
  /** Runs an operation; returns its result, or null for none. */
  @Nullable Object run(EntityContext ctx) throws Exception;
}
