package dev.perdure.engine.functions.elsewhere;

/** What a user's package keeps to itself: the engine is in another one. */
public final class Elsewhere {
  private Elsewhere() {}

  interface Lamp {
    int brightness();

    default String describe() {
      return "brightness " + brightness();
    }
  }

  private static final class Counter {
    private int value;

    private Counter() {}

    int add(int n) {
      return value += n;
    }
  }

  /** An interface that nobody else sees, with a default method that calls an operation. */
  public static Class<?> hiddenInterface() {
    return Lamp.class;
  }

  /** Calls the default method. */
  public static String describe(Object lamp) {
    return ((Lamp) lamp).describe();
  }

  /** A class that nobody else sees, with an operation {@code add}. */
  public static Class<?> hiddenClass() {
    return Counter.class;
  }
}
