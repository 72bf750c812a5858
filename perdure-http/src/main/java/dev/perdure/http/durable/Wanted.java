package dev.perdure.http.durable;

import dev.perdure.http.QueryParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a query asks for. A value that cannot be read counts as absent. */
record Wanted(QueryParameters query) {
  private static final Duration WAIT_MAX = Duration.ofDays(1);
  private static final int PAGE = 100;
  private static final int PAGE_MAX = 1_000;

  boolean flag(String name, boolean otherwise) {
    String value = query.first(name);
    return switch (value == null ? "" : value.strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> otherwise;
    };
  }

  /** A text; null if it is absent or blank. */
  @Nullable String text(String name) {
    String value = query.first(name);
    return value == null || value.isBlank() ? null : value;
  }

  @Nullable Instant time(String name) {
    return Times.read(query.first(name));
  }

  /**
   * A time before which something is not to be; unlike others, it must be one that can be read:
   * what is to be later must not be at once.
   */
  @Nullable Instant notBefore(String name) {
    Instant time = time(name);
    if (time == null && text(name) != null) {
      throw new IllegalArgumentException(
          "'%s' is no time, such as 2026-01-31T00:00:00Z. Nothing was done.".formatted(name));
    }
    return time;
  }

  /** A number of seconds. */
  @Nullable Duration seconds(String name) {
    String value = query.first(name);
    if (value == null) {
      return null;
    }
    try {
      double seconds = Double.parseDouble(value);
      if (Double.isNaN(seconds)) {
        return null;
      }
      return Duration.ofMillis(
          (long) Math.clamp(seconds * 1000, 0.0, (double) WAIT_MAX.toMillis()));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** How many are to be in a page. */
  int pageSize() {
    String value = query.first("top");
    try {
      int wanted = value == null ? PAGE : Integer.parseInt(value.strip());
      return wanted < 1 ? PAGE : Math.min(wanted, PAGE_MAX);
    } catch (NumberFormatException e) {
      return PAGE;
    }
  }

  /** The statuses that are named; empty if none is. What is no status is passed over. */
  Set<StatusName> statuses() {
    Set<StatusName> statuses = EnumSet.noneOf(StatusName.class);
    statusNames().map(StatusName::read).filter(Objects::nonNull).forEach(statuses::add);
    return statuses;
  }

  /** The first of what is named as a status and is none; null if there is nothing of the kind. */
  @Nullable String noStatus() {
    return statusNames()
        .filter(name -> !name.isEmpty() && StatusName.read(name) == null)
        .findFirst()
        .orElse(null);
  }

  private Stream<String> statusNames() {
    return query.all("runtimeStatus").stream()
        .flatMap(list -> Arrays.stream(list.split(",", -1)))
        .map(String::strip);
  }
}
