package dev.perdure.http;

import java.util.ArrayList;
import java.util.HashMap;
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
 * rest of the path: {@code {*path}}. Or it is a part of a segment, with text before or after it:
 * {@code {name}.txt}, {@code {id}-{rev}}, {@code {name}.{ext?}}. Immutable.
 */
public final class RouteTemplate {
  /** What may stand before an optional part of a segment. */
  private static final Literal DOT = new Literal(".");

  private final String text;
  private final List<Segment> segments;

  private sealed interface Segment {}

  /** What a segment of several parts is made of. */
  private sealed interface Part {}

  private record Literal(String text) implements Segment, Part {}

  private record Parameter(
      String name,
      boolean rest,
      boolean optional,
      @Nullable String value,
      List<Predicate<String>> constraints)
      implements Segment, Part {
    boolean mayBeMissing() {
      return rest || optional || value != null;
    }

    boolean takes(String text) {
      return constraints.stream().allMatch(constraint -> constraint.test(text));
    }
  }

  /** Literals and parameters in turn. */
  private record Mixed(List<Part> parts) implements Segment {
    List<Parameter> parameters() {
      return parts.stream().filter(Parameter.class::isInstance).map(Parameter.class::cast).toList();
    }

    /**
     * Compares the text of a segment with the parts.
     *
     * @return the values of the parameters by name, if it matches; else null
     */
    @Nullable Map<String, String> match(String text) {
      Map<String, String> values = match(parts, text);
      if (values == null && endsOptionally() && !text.endsWith(DOT.text())) {
        return match(parts.subList(0, parts.size() - 2), text);
      }
      return values;
    }

    private boolean endsOptionally() {
      return parts.size() > 2 && parts.getLast() instanceof Parameter last && last.optional();
    }

    /**
     * From the right, as ASP.NET does it: each literal is where it comes last, if that leaves a
     * character for the parameter behind it. There is no second try.
     */
    private static @Nullable Map<String, String> match(List<Part> parts, String text) {
      Map<String, String> values = new HashMap<>();
      Parameter pending = null;
      int end = text.length();
      for (Part part : parts.reversed()) {
        switch (part) {
          case Parameter parameter -> pending = parameter;
          case Literal literal -> {
            int length = literal.text().length();
            int at = lastIndexOf(text, literal.text(), end - length - (pending == null ? 0 : 1));
            if (at < 0 || (pending == null && at + length < end)) {
              return null;
            }
            if (pending != null) {
              values.put(pending.name(), text.substring(at + length, end));
            }
            pending = null;
            end = at;
          }
        }
      }
      if (pending != null) {
        values.put(pending.name(), text.substring(0, end));
      }
      return (pending == null) == (end == 0) ? values : null;
    }

    private static int lastIndexOf(String text, String wanted, int from) {
      int at = from;
      while (at >= 0 && !text.regionMatches(true, at, wanted, 0, wanted.length())) {
        at--;
      }
      return at;
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
      Segment segment = segment(template, part);
      if (!segments.isEmpty() && segments.getLast() instanceof Parameter last) {
        if (last.rest()) {
          throw wrong(template, "nothing may follow {*" + last.name() + "}");
        }
        if (last.optional() && !isOptional(segment)) {
          throw wrong(template, "only the last parameters may be optional");
        }
      }
      for (Parameter parameter : parameters(segment)) {
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

  private static boolean isOptional(Segment segment) {
    return segment instanceof Parameter parameter && (parameter.rest() || parameter.optional());
  }

  private static List<Parameter> parameters(Segment segment) {
    return switch (segment) {
      case Literal literal -> List.of();
      case Parameter parameter -> List.of(parameter);
      case Mixed mixed -> mixed.parameters();
    };
  }

  private static Segment segment(String template, String text) {
    List<Part> parts = parts(template, text);
    if (parts.size() == 1) {
      return switch (parts.getFirst()) {
        case Literal literal -> literal;
        case Parameter parameter -> parameter;
      };
    }
    for (int i = 0; i < parts.size(); i++) {
      if (!(parts.get(i) instanceof Parameter parameter)) {
        continue;
      }
      Part before = i == 0 ? null : parts.get(i - 1);
      if (parameter.rest()) {
        throw wrong(template, "{*" + parameter.name() + "} must be a whole segment");
      }
      if (before instanceof Parameter other) {
        throw wrong(
            template,
            "there must be text between {%s} and {%s}".formatted(other.name(), parameter.name()));
      }
      if (parameter.optional() && !(i == parts.size() - 1 && DOT.equals(before))) {
        throw wrong(
            template,
            "beside text, {%s?} may be optional only at the end of a segment and behind a dot"
                .formatted(parameter.name()));
      }
    }
    return new Mixed(parts);
  }

  /** Splits a segment into what is in braces and what is not. */
  private static List<Part> parts(String template, String segment) {
    List<Part> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < segment.length(); i++) {
      char c = segment.charAt(i);
      if (c == '{' && depth++ == 0) {
        if (i > from) {
          parts.add(new Literal(segment.substring(from, i)));
        }
        from = i + 1;
      } else if (c == '}' && --depth == 0) {
        parts.add(parameter(template, segment.substring(from, i)));
        from = i + 1;
      }
      if (depth < 0) {
        throw wrong(template, "its braces do not match");
      }
    }
    if (from < segment.length()) {
      parts.add(new Literal(segment.substring(from)));
    }
    return List.copyOf(parts);
  }

  private static Parameter parameter(String template, String text) {
    String inside = text;
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
            case Mixed mixed -> i < path.size() && matches(mixed, path.get(i), values);
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

  private static boolean matches(Mixed mixed, String text, Map<String, String> values) {
    Map<String, String> found = mixed.match(text);
    if (found == null) {
      return false;
    }
    for (Parameter parameter : mixed.parameters()) {
      String value = found.get(parameter.name());
      if (value != null) {
        values.put(parameter.name(), value);
        if (!parameter.takes(value)) {
          return false;
        }
      }
    }
    return true;
  }

  /** The names of the parameters, in order. */
  public List<String> parameters() {
    return segments.stream()
        .flatMap(segment -> parameters(segment).stream())
        .map(Parameter::name)
        .toList();
  }

  @Override
  public String toString() {
    return text;
  }
}
