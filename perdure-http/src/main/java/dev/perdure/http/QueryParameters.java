package dev.perdure.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parameters of a query, decoded; names are the same in upper and lower case. Immutable. */
public final class QueryParameters {
  private final List<Parameter> parameters;

  /**
   * A parameter.
   *
   * @param name its name
   * @param value its value; empty if it has none
   */
  public record Parameter(String name, String value) {}

  private QueryParameters(List<Parameter> parameters) {
    this.parameters = parameters;
  }

  /** The parameters of what follows the question mark; null for none. */
  public static QueryParameters parse(@Nullable String rawQuery) {
    if (rawQuery == null || rawQuery.isEmpty()) {
      return new QueryParameters(List.of());
    }
    List<Parameter> parameters = new ArrayList<>();
    int at = 0;
    while (at <= rawQuery.length()) {
      int and = rawQuery.indexOf('&', at);
      int end = and < 0 ? rawQuery.length() : and;
      if (end > at) {
        int equals = rawQuery.indexOf('=', at);
        boolean hasValue = equals >= 0 && equals < end;
        parameters.add(
            new Parameter(
                PercentCoding.decodeQuery(rawQuery.substring(at, hasValue ? equals : end)),
                hasValue ? PercentCoding.decodeQuery(rawQuery.substring(equals + 1, end)) : ""));
      }
      at = end + 1;
    }
    return new QueryParameters(List.copyOf(parameters));
  }

  /** The first value of a name; null if there is none. */
  public @Nullable String first(String name) {
    for (Parameter parameter : parameters) {
      if (parameter.name().equalsIgnoreCase(name)) {
        return parameter.value();
      }
    }
    return null;
  }

  /** All values of a name, in order. */
  public List<String> all(String name) {
    return parameters.stream()
        .filter(parameter -> parameter.name().equalsIgnoreCase(name))
        .map(Parameter::value)
        .toList();
  }

  /** All parameters, in order. */
  public List<Parameter> parameters() {
    return parameters;
  }

  /** Shows names only: values may be secrets. */
  @Override
  public String toString() {
    return "QueryParameters" + parameters.stream().map(Parameter::name).toList();
  }
}
