package dev.perdure.functions.settings;

import dev.perdure.functions.text.Similar;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which functions settings switch off: {@code AzureWebJobs.NAME.Disabled}, or with underscores
 * {@code AzureWebJobs_NAME_Disabled}. What people write by mistake, {@code Disable}, counts as well
 * if the right one is missing. Immutable.
 */
public final class DisabledFunctions {
  private static final Pattern KEY =
      Pattern.compile("AzureWebJobs([._])(.+)\\1(Disabled?)", Pattern.CASE_INSENSITIVE);

  private final Map<String, String> right = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, String> mistaken = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Settings settings;

  private DisabledFunctions(Settings settings) {
    this.settings = settings;
    for (String key : settings.all().keySet()) {
      Matcher matcher = KEY.matcher(key);
      if (matcher.matches()) {
        boolean isRight = matcher.group(3).toLowerCase(Locale.ROOT).equals("disabled");
        // Names with underscores come after those with dots, and from the environment, where there
        // are no others: they count more than what is in a file.
        (isRight ? right : mistaken).put(matcher.group(2), key);
      }
    }
  }

  /** What settings say. */
  public static DisabledFunctions of(Settings settings) {
    return new DisabledFunctions(settings);
  }

  /** Whether a function is switched off. */
  public boolean contains(String function) {
    String key = right.getOrDefault(function, mistaken.get(function));
    return key != null && Boolean.TRUE.equals(value(key));
  }

  /**
   * What the author should know, a sentence each: mistaken keys, values that mean nothing, names of
   * functions that do not exist.
   *
   * @param functions the functions of the app
   */
  public List<String> notes(Collection<String> functions) {
    List<String> notes = new ArrayList<>();
    mistaken.forEach(
        (function, key) ->
            notes.add(
                "The setting %s is understood here, but Azure ignores it; write AzureWebJobs.%s.Disabled."
                    .formatted(key, function)));
    for (Map<String, String> keys : List.of(right, mistaken)) {
      keys.forEach(
          (function, key) -> {
            if (value(key) == null) {
              notes.add(
                  "The setting %s is neither true nor false, so the function runs.".formatted(key));
            }
            if (functions.stream().noneMatch(function::equalsIgnoreCase)) {
              notes.add(
                  "The setting %s names a function that the app does not have.%s"
                      .formatted(key, Similar.didYouMean(function, functions)));
            }
          });
    }
    return notes;
  }

  private @Nullable Boolean value(String key) {
    String value = settings.get(key);
    return switch (value == null ? "" : value.strip().toLowerCase(Locale.ROOT)) {
      case "true", "1" -> true;
      case "false", "0", "" -> false;
      default -> null;
    };
  }
}
