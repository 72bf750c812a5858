package dev.perdure.functions.trigger;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.text.UtcTime;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A text of a binding with names in braces, which are filled in for each run: {@code
 * in/{name}.txt}. Immutable.
 *
 * <p>A name is that of something in the metadata of the invocation, or of a property at the top of
 * a trigger's value that is a JSON object; {@code {a.b}} looks into a structure. Names are compared
 * without regard to case. {@code {rand-guid}} is a new random id, {@code {DateTime}} the time as
 * {@code yyyy-MM-ddTHH-mm-ssZ}, unless something else has this name, {@code {datetime:yyyy-MM}} the
 * time in another form; times are UTC. The same are {@code {sys.randguid}} and {@code
 * {sys.utcnow}}; {@code {sys.methodname}} is the function's name. {@code {name:yyyy/MM/dd}} gives a
 * value that is a time in another form, in the notation of .NET, {@code {name:N}} a UUID without
 * dashes, with {@code B} in braces and with {@code P} in parentheses; other values have one form.
 * Braces that are meant as such are doubled.
 */
public final class BindingTemplate {
  private static final String DATE_TIME = "yyyy-MM-ddTHH-mm-ssZ";
  private static final Pattern UUID_TEXT =
      Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

  private final String text;
  private final List<Part> parts;
  private final String function;
  private final InstantSource clock;

  private sealed interface Part {}

  private record Literal(String text) implements Part {}

  /** What stood between braces: a name, and behind a colon a format. */
  private record Name(String name, @Nullable String format) implements Part {}

  private BindingTemplate(String text, List<Part> parts, String function, InstantSource clock) {
    this.text = text;
    this.parts = List.copyOf(parts);
    this.function = function;
    this.clock = clock;
  }

  /**
   * Reads a text, after settings in it ({@code %NAME%}) have been put in their places.
   *
   * @param function the name of the function whose binding it is
   * @throws InvalidTriggerException if a brace has no partner, a name is empty, a form of the time
   *     is unknown, or a setting is missing
   */
  public static BindingTemplate of(
      String text, String function, Settings settings, InstantSource clock) {
    String resolved;
    try {
      resolved = settings.resolve(text);
    } catch (MissingSettingException e) {
      throw new InvalidTriggerException(String.valueOf(e.getMessage()), e);
    }
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    for (int i = 0; i < resolved.length(); i++) {
      char c = resolved.charAt(i);
      boolean doubled = i + 1 < resolved.length() && resolved.charAt(i + 1) == c;
      if ((c == '{' || c == '}') && doubled) {
        literal.append(c);
        i++;
      } else if (c == '{') {
        int end = resolved.indexOf('}', i);
        if (end < 0) {
          throw new InvalidTriggerException(
              "'%s' has a brace that is not closed. Write two, {{, for one that is meant as such."
                  .formatted(text));
        }
        if (!literal.isEmpty()) {
          parts.add(new Literal(literal.toString()));
          literal.setLength(0);
        }
        parts.add(name(resolved.substring(i + 1, end), text));
        i = end;
      } else if (c == '}') {
        throw new InvalidTriggerException(
            "'%s' has a closing brace without an opening one. Write two, }}, for one that is meant as such."
                .formatted(text));
      } else {
        literal.append(c);
      }
    }
    if (!literal.isEmpty()) {
      parts.add(new Literal(literal.toString()));
    }
    return new BindingTemplate(resolved, parts, function, clock);
  }

  private static Name name(String inside, String text) {
    int colon = inside.indexOf(':');
    String name = (colon < 0 ? inside : inside.substring(0, colon)).strip();
    String format = inside.substring(colon + 1);
    Name found = new Name(name, colon < 0 || format.isEmpty() ? null : format);
    if (name.isEmpty()) {
      throw new InvalidTriggerException("'%s' has braces without a name.".formatted(text));
    }
    checkFormat(found, text);
    return found;
  }

  /** Values may be times or UUIDs; what they are is not known yet. */
  private static void checkFormat(Name name, String text) {
    String format = name.format();
    if (format == null || (format.length() == 1 && !isTime(name.name()))) {
      return; // of one letter there are forms of numbers and UUIDs, too
    }
    try {
      DateTimeFormatter unused = TimeForm.of(format);
    } catch (IllegalArgumentException e) {
      throw new InvalidTriggerException(
          "'%s' has a form of the time that is not known: %s.".formatted(text, format), e);
    }
  }

  private static boolean isTime(String name) {
    return isDateTime(name) || name.equalsIgnoreCase("sys.utcnow");
  }

  private static boolean isDateTime(String name) {
    return name.equalsIgnoreCase("datetime");
  }

  /** Whether nothing has to be filled in. */
  public boolean isFixed() {
    return parts.stream().allMatch(Literal.class::isInstance);
  }

  /** The text, with settings in it but names as they were written. */
  public String text() {
    return text;
  }

  /**
   * The text for one run.
   *
   * @throws IllegalArgumentException if a name is not known, or what it names is a null of JSON;
   *     the message says which are known
   */
  public String fill(Invocation invocation) {
    StringBuilder filled = new StringBuilder();
    for (Part part : parts) {
      filled.append(
          switch (part) {
            case Literal(String literal) -> literal;
            case Name name -> value(name, invocation);
          });
    }
    return filled.toString();
  }

  /**
   * The same for those who can tell null from a text: null if the text is one name in braces and no
   * more, and that has no value, such as a null of JSON or what is missing in a route.
   *
   * @throws IllegalArgumentException as above
   */
  public @Nullable String fillOrNull(Invocation invocation) {
    boolean isNull =
        parts.size() == 1
            && parts.getFirst() instanceof Name name
            && system(name) == null
            && lookUp(name.name(), invocation) instanceof JsonNull;
    return isNull ? null : fill(invocation);
  }

  private String value(Name name, Invocation invocation) {
    String system = system(name);
    JsonElement found =
        system == null || isOverridable(name) ? lookUp(name.name(), invocation) : null;
    if (system != null && (found == null || found.isJsonNull())) {
      return system;
    }
    if (found == null) {
      throw new IllegalArgumentException(
          "Nothing is known of '{%s}' in '%s'. Known are: %s."
              .formatted(name.name(), text, String.join(", ", known(invocation))));
    }
    if (found.isJsonNull()) {
      throw new IllegalArgumentException(
          "There is no value for '{%s}' in '%s'. Known are: %s."
              .formatted(name.name(), text, String.join(", ", known(invocation))));
    }
    String value = found.isJsonPrimitive() ? found.getAsString() : found.toString();
    return name.format() == null ? value : inForm(value, name.format());
  }

  /** Whether what is known of an invocation goes before what is known without one. */
  private static boolean isOverridable(Name name) {
    return isDateTime(name.name()) && name.format() == null;
  }

  /** What is known without an invocation; null if the name is none of those. */
  private @Nullable String system(Name name) {
    String lower = name.name().toLowerCase(Locale.ROOT);
    if (lower.equals("rand-guid") || lower.equals("sys.randguid")) {
      String id = UUID.randomUUID().toString();
      return name.format() == null ? id : uuidInForm(id, name.format());
    }
    if (lower.equals("sys.methodname")) {
      return function;
    }
    if (isTime(lower)) {
      Instant now = clock.instant();
      return TimeForm.of(name.format() == null ? DATE_TIME : name.format())
          .format(now.atOffset(ZoneOffset.UTC));
    }
    return null;
  }

  /** Times and UUIDs have several forms; for everything else a form means nothing. */
  private static String inForm(String value, String format) {
    OffsetDateTime time = time(value);
    if (time != null) {
      return TimeForm.exists(format) ? TimeForm.of(format).format(time) : value;
    }
    return UUID_TEXT.matcher(value).matches() ? uuidInForm(value, format) : value;
  }

  private static String uuidInForm(String id, String format) {
    return switch (format) {
      case "N", "n" -> id.replace("-", "");
      case "B", "b" -> "{" + id + "}";
      case "P", "p" -> "(" + id + ")";
      default -> id;
    };
  }

  /** A date with a time; null if it is something else. */
  private static @Nullable OffsetDateTime time(String value) {
    try {
      return UtcTime.parse(value);
    } catch (DateTimeException e) {
      return null;
    }
  }

  // ---- names ----------------------------------------------------------------------------------

  /** What a name means; {@code JsonNull} if that has no value, null if the name is not known. */
  private static @Nullable JsonElement lookUp(String name, Invocation invocation) {
    String[] steps = name.split("\\.", -1);
    for (Map.Entry<String, Value> entry : invocation.metadata().entrySet()) {
      if (entry.getKey().equalsIgnoreCase(steps[0])) {
        return inside(entry.getValue(), steps);
      }
    }
    JsonObject properties = JsonProperties.of(invocation.value());
    return properties == null ? null : walk(step(properties, steps[0]), steps);
  }

  private static @Nullable JsonElement inside(Value value, String[] steps) {
    return switch (value) {
      case Value.Text(String text) when steps.length == 1 -> new JsonPrimitive(text);
      case Value.Text(String text) -> walk(JsonProperties.parsed(text), steps);
      case Value.Json(String json, boolean plain) -> walk(JsonProperties.parsed(json), steps);
      case Value.Nothing nothing -> walk(JsonNull.INSTANCE, steps);
      default -> null;
    };
  }

  private static @Nullable JsonElement walk(@Nullable JsonElement from, String[] steps) {
    JsonElement at = from;
    for (int i = 1; i < steps.length && at != null; i++) {
      at = at.isJsonObject() ? step(at.getAsJsonObject(), steps[i]) : null;
    }
    return at;
  }

  private static @Nullable JsonElement step(JsonObject object, String name) {
    JsonElement exact = object.get(name);
    if (exact != null) {
      return exact;
    }
    return object.entrySet().stream()
        .filter(entry -> entry.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  private static Set<String> known(Invocation invocation) {
    Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    known.addAll(invocation.metadata().keySet());
    JsonObject properties = JsonProperties.of(invocation.value());
    if (properties != null) {
      known.addAll(properties.keySet());
    }
    known.add("rand-guid");
    known.add("DateTime");
    known.add("sys.methodname");
    return known;
  }
}
