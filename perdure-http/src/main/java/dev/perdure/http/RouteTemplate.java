package dev.perdure.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The form of a path: literal segments, which are the same in upper and lower case, and parameters.
 *
 * <p>A parameter is a whole segment: {@code {id}}; optional at the end: {@code {id?}}; with a
 * default: {@code {id=5}}; with constraints: {@code {id:int}}, {@code {id:length(1,5)}}; or the
 * rest of the path: {@code {*path}}. Immutable.
 */
public final class RouteTemplate {
  private final String text;
  private final List<Segment> segments;

  private sealed interface Segment {}

  private record Literal(String text) implements Segment {}

  private record Parameter(
      String name,
      boolean rest,
      boolean optional,
      @Nullable String value,
      List<Predicate<String>> constraints)
      implements Segment {
    boolean mayBeMissing() {
      return rest || optional || value != null;
    }

    boolean takes(String text) {
      return constraints.stream().allMatch(constraint -> constraint.test(text));
    }
  }

  private RouteTemplate(String text, List<Segment> segments) {
    this.text = text;
    this.segments = segments;
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException if it is none; the message says where and why
   */
  public static RouteTemplate parse(String template) {
    List<Segment> segments = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (String part : split(template)) {
      if (!segments.isEmpty() && segments.getLast() instanceof Parameter last) {
        if (last.rest()) {
          throw wrong(template, "nothing may follow {*" + last.name() + "}");
        }
        if (last.optional() && !isOptional(part)) {
          throw wrong(template, "only the last parameters may be optional");
        }
      }
      Segment segment = segment(template, part);
      if (segment instanceof Parameter parameter) {
        if (names.stream().anyMatch(parameter.name()::equalsIgnoreCase)) {
          throw wrong(template, "the parameter '" + parameter.name() + "' is there twice");
        }
        names.add(parameter.name());
      }
      segments.add(segment);
    }
    return new RouteTemplate(template, List.copyOf(segments));
  }

  /** Splits at slashes, though not inside braces: a regular expression may hold some. */
  private static List<String> split(String template) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    int depth = 0;
    for (int i = 0; i < template.length(); i++) {
      char c = template.charAt(i);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (c == '/' && depth == 0) {
        if (!part.isEmpty()) {
          parts.add(part.toString());
          part.setLength(0);
        }
      } else {
        part.append(c);
      }
    }
    if (depth != 0) {
      throw wrong(template, "its braces do not match");
    }
    if (!part.isEmpty()) {
      parts.add(part.toString());
    }
    return parts;
  }

  private static boolean isOptional(String part) {
    return part.startsWith("{*") || part.endsWith("?}");
  }

  private static Segment segment(String template, String part) {
    if (part.indexOf('{') < 0 && part.indexOf('}') < 0) {
      return new Literal(part);
    }
    if (part.charAt(0) != '{' || part.charAt(part.length() - 1) != '}') {
      throw wrong(template, "a parameter must be a whole segment, which '" + part + "' is not");
    }
    String inside = part.substring(1, part.length() - 1);
    boolean rest = inside.startsWith("*");
    inside = inside.substring(rest ? inside.startsWith("**") ? 2 : 1 : 0);
    boolean optional = inside.endsWith("?");
    if (optional) {
      inside = inside.substring(0, inside.length() - 1);
    }
    String value = null;
    int equals = topLevel(inside, '=');
    if (equals >= 0) {
      value = inside.substring(equals + 1);
      inside = inside.substring(0, equals);
    }
    List<Predicate<String>> constraints = new ArrayList<>();
    int colon = topLevel(inside, ':');
    String name = colon < 0 ? inside : inside.substring(0, colon);
    while (colon >= 0) {
      inside = inside.substring(colon + 1);
      colon = topLevel(inside, ':');
      constraints.add(
          RouteConstraints.parse(template, colon < 0 ? inside : inside.substring(0, colon)));
    }
    if (name.isEmpty() || name.chars().anyMatch(c -> "/{}?*= ".indexOf(c) >= 0)) {
      throw wrong(template, "'" + name + "' is no name for a parameter");
    }
    return new Parameter(name, rest, optional, value, List.copyOf(constraints));
  }

  /** Where a character is first, outside of parentheses; -1 if nowhere. */
  private static int topLevel(String text, char wanted) {
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == wanted && depth == 0) {
        return i;
      }
    }
    return -1;
  }

  static IllegalArgumentException wrong(String template, String why) {
    return new IllegalArgumentException(
        "The route '%s' cannot be used: %s.".formatted(template, why));
  }

  /**
   * Compares a path with this template.
   *
   * @param path the segments of the path, decoded
   * @return the values of the parameters by name, if it matches; else null
   */
  public @Nullable Map<String, String> match(List<String> path) {
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < segments.size(); i++) {
      boolean matches =
          switch (segments.get(i)) {
            case Literal literal -> i < path.size() && literal.text().equalsIgnoreCase(path.get(i));
            case Parameter parameter -> matches(parameter, path, i, values);
          };
      if (!matches) {
        return null;
      }
    }
    boolean whole =
        path.size() <= segments.size()
            || (!segments.isEmpty() && segments.getLast() instanceof Parameter last && last.rest());
    return whole ? values : null;
  }

  private static boolean matches(
      Parameter parameter, List<String> path, int at, Map<String, String> values) {
    if (at >= path.size()) {
      if (parameter.value() != null) {
        values.put(parameter.name(), parameter.value());
      }
      return parameter.mayBeMissing();
    }
    String value =
        parameter.rest() ? String.join("/", path.subList(at, path.size())) : path.get(at);
    values.put(parameter.name(), value);
    return !value.isEmpty() && parameter.takes(value);
  }

  /** The names of the parameters, in order. */
  public List<String> parameters() {
    List<String> names = new ArrayList<>();
    for (Segment segment : segments) {
      if (segment instanceof Parameter parameter) {
        names.add(parameter.name());
      }
    }
    return names;
  }

  @Override
  public String toString() {
    return text;
  }
}
