package dev.perdure.http;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What the value of a parameter of a route must be like. */
final class RouteConstraints {
  private static final Pattern ALPHA = Pattern.compile("[A-Za-z]*");
  private static final Pattern FILE = Pattern.compile("\\.[^.]");
  private static final Pattern DATE =
      Pattern.compile(
          "\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?)?([Zz]|[+-]\\d{2}:\\d{2})?");

  private RouteConstraints() {}

  /**
   * Reads a constraint such as {@code int} or {@code length(1,5)}.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  static Predicate<String> parse(String template, String constraint) {
    int open = constraint.indexOf('(');
    boolean closed = constraint.endsWith(")");
    if (open >= 0 != closed) {
      throw RouteTemplate.wrong(template, "the parentheses of '" + constraint + "' do not match");
    }
    String name = (open < 0 ? constraint : constraint.substring(0, open)).toLowerCase(Locale.ROOT);
    String argument = open < 0 ? "" : constraint.substring(open + 1, constraint.length() - 1);
    try {
      return of(template, name, argument);
    } catch (NumberFormatException | PatternSyntaxException e) {
      throw new IllegalArgumentException(
          RouteTemplate.wrong(template, "'" + constraint + "' cannot be understood").getMessage(),
          e);
    }
  }

  private static Predicate<String> of(String template, String name, String argument) {
    return switch (name) {
      case "int" -> parses(Integer::parseInt);
      case "long" -> parses(Long::parseLong);
      case "bool" -> text -> text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false");
      case "guid" -> parses(RouteConstraints::guid);
      case "decimal", "double", "float" -> parses(BigDecimal::new);
      case "datetime" -> text -> DATE.matcher(text).matches();
      case "alpha" -> text -> ALPHA.matcher(text).matches();
      case "file" -> RouteConstraints::isFile;
      case "nonfile" -> text -> !isFile(text);
      case "required" -> text -> !text.isEmpty();
      case "length" -> length(argument);
      case "minlength" -> atLeast(Integer.parseInt(argument.strip()), String::length);
      case "maxlength" -> {
        int most = Integer.parseInt(argument.strip());
        yield text -> text.length() <= most;
      }
      case "min" -> range(Long.parseLong(argument.strip()), Long.MAX_VALUE);
      case "max" -> range(Long.MIN_VALUE, Long.parseLong(argument.strip()));
      case "range" -> {
        String[] ends = argument.split(",", 2);
        if (ends.length < 2) {
          throw RouteTemplate.wrong(template, "range takes two numbers");
        }
        yield range(Long.parseLong(ends[0].strip()), Long.parseLong(ends[1].strip()));
      }
      case "regex" -> {
        Pattern pattern =
            Pattern.compile(
                argument.replace("{{", "{").replace("}}", "}"), Pattern.CASE_INSENSITIVE);
        yield text -> pattern.matcher(text).find();
      }
      default -> throw RouteTemplate.wrong(template, "there is no constraint '" + name + "'");
    };
  }

  /** Whether behind the last slash there is a dot, with something else behind that. */
  private static boolean isFile(String text) {
    return FILE.matcher(text.substring(text.lastIndexOf('/') + 1)).find();
  }

  private static Predicate<String> length(String argument) {
    String[] ends = argument.split(",", 2);
    int least = Integer.parseInt(ends[0].strip());
    int most = ends.length == 1 ? least : Integer.parseInt(ends[1].strip());
    return text -> text.length() >= least && text.length() <= most;
  }

  private static Predicate<String> atLeast(
      int least, java.util.function.ToIntFunction<String> measure) {
    return text -> measure.applyAsInt(text) >= least;
  }

  private static Predicate<String> range(long from, long to) {
    return text -> {
      try {
        long number = Long.parseLong(text);
        return number >= from && number <= to;
      } catch (NumberFormatException e) {
        return false;
      }
    };
  }

  private interface Parser {
    Object parse(String text);
  }

  private static Predicate<String> parses(Parser parser) {
    return text -> {
      try {
        parser.parse(text);
        return true;
      } catch (IllegalArgumentException e) {
        return false;
      }
    };
  }

  private static UUID guid(String text) {
    String plain = text.replaceAll("[-{}()]", "");
    if (plain.length() != 32) {
      throw new IllegalArgumentException(text);
    }
    return UUID.fromString(plain.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5"));
  }
}
