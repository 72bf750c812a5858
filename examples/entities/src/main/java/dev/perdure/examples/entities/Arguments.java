package dev.perdure.examples.entities;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The options of a command line: names and values in turn. */
record Arguments(Map<String, String> values) {
  /** A command line that cannot be meant. */
  static final class WrongUsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongUsageException(String message) {
      super(message);
    }
  }

  /** Reads options; each must be one of those allowed. */
  static Arguments of(List<String> words, String... allowed) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < words.size(); i += 2) {
      String name = words.get(i);
      if (!List.of(allowed).contains(name)) {
        throw new WrongUsageException("'%s' is not an option here".formatted(name));
      }
      if (i + 1 == words.size()) {
        throw new WrongUsageException("The option %s needs a value".formatted(name));
      }
      values.put(name, words.get(i + 1));
    }
    return new Arguments(values);
  }

  /** A number that is not below the least one. */
  int number(String name, int otherwise, int least) {
    String text = values.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= least) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new WrongUsageException(
        "The option %s is '%s'; use a number, %d or more".formatted(name, text, least));
  }

  @Nullable String text(String name) {
    return values.get(name);
  }
}
