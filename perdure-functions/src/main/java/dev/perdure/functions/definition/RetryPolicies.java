package dev.perdure.functions.definition;

import dev.perdure.functions.text.TimeSpans;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Reads retry policies as they stand in function.json, host.json and annotations. */
public final class RetryPolicies {
  private RetryPolicies() {}

  /**
   * The policy of an object with {@code strategy}, {@code maxRetryCount} and the waits of the
   * strategy; names are taken without regard to case.
   *
   * @throws IllegalArgumentException if something is missing or makes no sense; the message is a
   *     sentence
   */
  public static RetryPolicy of(Map<String, ?> object) {
    Map<String, Object> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    fields.putAll(object);
    String strategy = text(fields, "strategy");
    return switch (strategy.toLowerCase(Locale.ROOT)) {
      case "fixeddelay" -> {
        Duration delay = span(fields, "delayInterval");
        yield new RetryPolicy(RetryPolicy.Strategy.FIXED_DELAY, count(fields), delay, delay);
      }
      case "exponentialbackoff" -> {
        Duration least = span(fields, "minimumInterval");
        Duration most = span(fields, "maximumInterval");
        if (least.compareTo(most) > 0) {
          throw new IllegalArgumentException(
              "minimumInterval %s is longer than maximumInterval %s."
                  .formatted(TimeSpans.format(least), TimeSpans.format(most)));
        }
        yield new RetryPolicy(RetryPolicy.Strategy.EXPONENTIAL_BACKOFF, count(fields), least, most);
      }
      default ->
          throw new IllegalArgumentException(
              "strategy '%s' is unknown; it is fixedDelay or exponentialBackoff."
                  .formatted(strategy));
    };
  }

  private static int count(Map<String, Object> fields) {
    String text = text(fields, "maxRetryCount");
    try {
      int count = Integer.parseInt(text);
      if (count >= RetryPolicy.UNLIMITED) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "maxRetryCount is '%s'; it must be a whole number from 0, or -1 for no limit."
            .formatted(text));
  }

  private static Duration span(Map<String, Object> fields, String name) {
    Duration span;
    try {
      span = TimeSpans.parse(text(fields, name));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s".formatted(name, e.getMessage()), e);
    }
    if (span.isNegative()) {
      throw new IllegalArgumentException(
          "%s is %s; it must not be negative.".formatted(name, TimeSpans.format(span)));
    }
    return span;
  }

  private static String text(Map<String, Object> fields, String name) {
    Object value = fields.get(name);
    if (value == null || value.toString().isBlank()) {
      throw new IllegalArgumentException("%s is missing.".formatted(name));
    }
    return value.toString().strip();
  }
}
