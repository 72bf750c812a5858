package dev.perdure.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a durable entity: state with a name and a key, changed by operations that run one at a
 * time. Modelled on the entities of Durable Functions.
 *
 * <p><b>On a class</b>: its fields are the state, and its methods are the operations.
 *
 * <pre>{@code
 * @Entity
 * class Counter {
 *   int value;
 *
 *   void add(int n) { value += n; }
 *   int get() { return value; }
 * }
 * }</pre>
 *
 * <p>Every instance method that is not private and not one of {@link Object}'s is an operation. It
 * may take an {@link EntityContext}, an input, or both in this order. What it returns is the result
 * for whoever called it. An operation that returns the entity's own class returns the new state,
 * which is how records are written; with an {@link EntityUpdate} it returns a new state and a
 * result. The class needs a constructor without parameters, which makes the state of an entity that
 * has none yet. There is an operation {@code delete}, which removes the state, unless the class has
 * one of its own.
 *
 * <p><b>On a method</b> that takes an {@link EntityContext}: it is called for every operation, and
 * looks at {@link EntityContext#operation()}.
 *
 * <p>An operation that throws changes nothing: its state and what it asked for are taken back. Code
 * of an operation may run more than once if the host dies meanwhile, but takes effect on the state
 * exactly once; keep side effects outside of the entity in activities.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface Entity {
  /**
   * The entity's name; the simple name of the class, or the name of the method, if empty. Upper and
   * lower case are the same.
   */
  String name() default "";
}
