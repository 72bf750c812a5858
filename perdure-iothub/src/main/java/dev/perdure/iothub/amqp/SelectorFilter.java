package dev.perdure.iothub.amqp;

import dev.perdure.iothub.event.StartPosition;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.Symbol;
import org.jspecify.annotations.Nullable;

/** Where a consumer wants to begin, as it says in the filter of its link. */
final class SelectorFilter {
  static final Symbol NAME = Symbol.valueOf("apache.org:selector-filter:string");

  private static final Pattern EXPRESSION =
      Pattern.compile("\\s*amqp\\.annotation\\.(x-opt-[a-z-]+)\\s*(>=|>)\\s*'?([^']*?)'?\\s*");

  private SelectorFilter() {}

  /**
   * Reads the filters of a source.
   *
   * @throws IllegalArgumentException if the filter is not understood
   */
  static StartPosition position(@Nullable Map<?, ?> filters) {
    if (filters == null) {
      return new StartPosition.Earliest();
    }
    for (Map.Entry<?, ?> filter : filters.entrySet()) {
      if (String.valueOf(filter.getKey()).equals(NAME.toString())) {
        Object value = filter.getValue();
        Object expression =
            value instanceof DescribedType described ? described.getDescribed() : value;
        return parse(String.valueOf(expression));
      }
    }
    return new StartPosition.Earliest();
  }

  static StartPosition parse(String expression) {
    Matcher matcher = EXPRESSION.matcher(expression);
    if (!matcher.matches()) {
      throw notUnderstood(expression);
    }
    boolean isInclusive = matcher.group(2).equals(">=");
    String value = matcher.group(3);
    try {
      return switch (matcher.group(1)) {
        case "x-opt-offset" ->
            switch (value) {
              case "-1" -> new StartPosition.Earliest();
              case "@latest" -> new StartPosition.Latest();
              default -> new StartPosition.Offset(Long.parseLong(value), isInclusive);
            };
        case "x-opt-sequence-number" ->
            new StartPosition.SequenceNumber(Long.parseLong(value), isInclusive);
        case "x-opt-enqueued-time" ->
            new StartPosition.EnqueuedTime(Long.parseLong(value), isInclusive);
        default -> throw notUnderstood(expression);
      };
    } catch (NumberFormatException e) {
      throw notUnderstood(expression);
    }
  }

  private static IllegalArgumentException notUnderstood(String expression) {
    return new IllegalArgumentException(
        "The filter \"%s\" is not understood. It has to compare amqp.annotation.x-opt-offset, x-opt-sequence-number or x-opt-enqueued-time with a number, by > or >=."
            .formatted(expression));
  }
}
