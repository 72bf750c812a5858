package dev.perdure.bench.harness;

/**
 * What a figure ought to be.
 *
 * @param direction on which side of the limit
 * @param limit the limit, in the figure's unit
 */
public record Goal(Direction direction, double limit) {

  /** On which side of the limit a figure ought to be. */
  public enum Direction {
    /** The limit or more. */
    AT_LEAST(">="),
    /** The limit or less. */
    AT_MOST("<="),
    /** More than the limit. */
    ABOVE(">"),
    /** Less than the limit. */
    BELOW("<");

    private final String sign;

    Direction(String sign) {
      this.sign = sign;
    }

    /** The sign shown before the limit. */
    public String sign() {
      return sign;
    }
  }

  /** The limit or more. */
  public static Goal atLeast(double limit) {
    return new Goal(Direction.AT_LEAST, limit);
  }

  /** The limit or less. */
  public static Goal atMost(double limit) {
    return new Goal(Direction.AT_MOST, limit);
  }

  /** More than the limit. */
  public static Goal above(double limit) {
    return new Goal(Direction.ABOVE, limit);
  }

  /** Less than the limit. */
  public static Goal below(double limit) {
    return new Goal(Direction.BELOW, limit);
  }

  /** Whether a value meets it. A value that is not a number meets nothing. */
  public boolean isMetBy(double value) {
    return switch (direction) {
      case AT_LEAST -> value >= limit;
      case AT_MOST -> value <= limit;
      case ABOVE -> value > limit;
      case BELOW -> value < limit;
    };
  }
}
