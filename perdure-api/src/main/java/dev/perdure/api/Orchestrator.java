package dev.perdure.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method as an orchestrator: a function that coordinates activities, timers, events and
 * other orchestrations, and whose progress survives a crash.
 *
 * <p>The method takes an {@link OrchestrationContext}, optionally followed by one input parameter,
 * and returns the output (or {@code void}). It must be deterministic: given the same history it
 * must ask for the same things in the same order. Everything that varies (time, random numbers,
 * I/O) comes from the context or from an activity.
 *
 * <p>{@code finally} blocks run also when an orchestration that waits is taken out of memory, and
 * again when it has been replayed and ends. What they ask of the context is then ignored, but what
 * they do elsewhere happens: keep side effects out of them, as everywhere in an orchestrator.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Orchestrator {
  /** The name under which the function is registered; the method's name if empty. */
  String name() default "";

  /**
   * The version this code implements. Several versions of one orchestrator may be registered; an
   * instance runs on the code of its own version, and on the code without a version if there is no
   * such one. Empty means "no version".
   */
  String version() default "";
}
