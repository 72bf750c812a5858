package dev.perdure.functions.settings;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** From which messages on a category is logged, in the order from all to none. */
public enum LogLevel {
  /** Everything. */
  TRACE,
  /** What helps to find a fault. */
  DEBUG,
  /** What goes on. */
  INFORMATION,
  /** What may be wrong. */
  WARNING,
  /** What has failed. */
  ERROR,
  /** What cannot go on. */
  CRITICAL,
  /** Nothing. */
  NONE;

  /** The names as people write them, such as {@code Information}. */
  static final List<String> NAMES =
      Arrays.stream(values())
          .map(level -> level.name().charAt(0) + level.name().substring(1).toLowerCase(Locale.ROOT))
          .toList();

  /** The level of a name in whatever case; null if there is none. */
  static @Nullable LogLevel of(String name) {
    for (LogLevel level : values()) {
      if (level.name().equalsIgnoreCase(name.strip())) {
        return level;
      }
    }
    return null;
  }
}
