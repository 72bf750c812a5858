package dev.perdure.functions.trigger;

import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.text.TimeSpans;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A section below {@code extensions} in host.json. Names are found without regard to case. */
public final class ExtensionOptions {
  private final String path;
  private final Map<?, ?> values;

  private ExtensionOptions(String path, Map<?, ?> values) {
    this.path = path;
    this.values = values;
  }

  /**
   * A section; empty if it is not there.
   *
   * @throws InvalidTriggerException if something else than an object stands there
   */
  public static ExtensionOptions of(HostSettings host, String section) {
    return section("extensions." + section, host.extensions().get(section));
  }

  private static ExtensionOptions section(String path, @Nullable Object value) {
    return switch (value) {
      case null -> new ExtensionOptions(path, Map.of());
      case Map<?, ?> map -> new ExtensionOptions(path, map);
      default -> throw wrong(path, value, "an object, { ... }");
    };
  }

  /** A section in this one. */
  public ExtensionOptions section(String name) {
    return section(path + "." + name, find(name));
  }

  /** A text; the alternative if there is none. */
  public String text(String name, String otherwise) {
    Object value = find(name);
    return value == null ? otherwise : value.toString();
  }

  /** Whether something stands there. */
  public boolean has(String name) {
    return find(name) != null;
  }

  /**
   * A whole number; the alternative if there is none.
   *
   * @throws InvalidTriggerException if it is none or out of bounds
   */
  public int number(String name, int otherwise, int least, int most) {
    Object value = find(name);
    if (value == null) {
      return otherwise;
    }
    String kind = "a whole number from %d to %d".formatted(least, most);
    try {
      long number = Long.parseLong(value.toString().strip());
      if (number >= least && number <= most) {
        return (int) number;
      }
    } catch (NumberFormatException e) {
      throw wrong(path + "." + name, value, kind);
    }
    throw wrong(path + "." + name, value, kind);
  }

  /**
   * True or false; the alternative if there is nothing.
   *
   * @throws InvalidTriggerException if it is something else
   */
  public boolean flag(String name, boolean otherwise) {
    Object value = find(name);
    if (value == null) {
      return otherwise;
    }
    return switch (value.toString().strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong(path + "." + name, value, "true or false");
    };
  }

  /**
   * A span of time; the alternative if there is none.
   *
   * @throws InvalidTriggerException if it is none or out of bounds
   */
  public Duration span(String name, Duration otherwise, Duration least, Duration most) {
    Object value = find(name);
    if (value == null) {
      return otherwise;
    }
    Duration span;
    try {
      span = TimeSpans.parse(value.toString());
    } catch (IllegalArgumentException e) {
      throw new InvalidTriggerException(
          "%s.%s in host.json is wrong: %s".formatted(path, name, e.getMessage()), e);
    }
    if (span.compareTo(least) < 0 || span.compareTo(most) > 0) {
      throw wrong(
          path + "." + name,
          value,
          "a span of time from %s to %s"
              .formatted(TimeSpans.format(least), TimeSpans.format(most)));
    }
    return span;
  }

  private @Nullable Object find(String name) {
    for (Map.Entry<?, ?> entry : values.entrySet()) {
      if (entry.getKey().toString().equalsIgnoreCase(name)) {
        return entry.getValue();
      }
    }
    return null;
  }

  private static InvalidTriggerException wrong(String path, Object value, String wanted) {
    return new InvalidTriggerException(
        "%s in host.json is '%s'; it has to be %s.".formatted(path, value, wanted));
  }
}
