package dev.perdure.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method as an activity: the place for I/O, computation and anything else that is not
 * deterministic.
 *
 * <p>The method takes at most one input parameter and, before or after it, optionally an {@link
 * ActivityContext}. It runs at least once for every call that an orchestrator makes; after a crash
 * it may run again, with the same {@linkplain ActivityContext#idempotencyKey() idempotency key}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Activity {
  /** The name under which the function is registered; the method's name if empty. */
  String name() default "";

  /** How many calls of this activity may run at once in one host; 0 for no limit of its own. */
  int maxConcurrent() default 0;
}
