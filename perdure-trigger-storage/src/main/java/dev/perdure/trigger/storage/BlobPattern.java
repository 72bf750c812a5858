package dev.perdure.trigger.storage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which blobs run a function: {@code container}, or {@code container/name} with names in braces,
 * such as {@code in/{folder}/{file}.txt}. A name in braces takes any characters, as many as
 * possible, slashes among them. Braces that are meant as such are doubled. Immutable.
 */
final class BlobPattern {
  private final String container;
  private final String prefix;
  private final List<String> names;
  private final Pattern pattern;

  private BlobPattern(String container, String prefix, List<String> names, Pattern pattern) {
    this.container = container;
    this.prefix = prefix;
    this.names = List.copyOf(names);
    this.pattern = pattern;
  }

  /**
   * Reads a path.
   *
   * @throws IllegalArgumentException if it is wrong; the message says how
   */
  static BlobPattern parse(String text) {
    int slash = text.indexOf('/');
    String container = slash < 0 ? text : text.substring(0, slash);
    if (container.indexOf('{') >= 0 || container.indexOf('}') >= 0) {
      throw new IllegalArgumentException(
          "The path '%s' has braces in the name of the container; they can only be behind the first slash."
              .formatted(text));
    }
    String checked = BlobPath.checkedContainer(container);
    String blob = slash < 0 ? "" : text.substring(slash + 1);
    return blob.isEmpty()
        ? new BlobPattern(checked, "", List.of(), Pattern.compile(".*", Pattern.DOTALL))
        : parse(checked, blob, text);
  }

  private static BlobPattern parse(String container, String blob, String text) {
    List<String> names = new ArrayList<>();
    StringBuilder regex = new StringBuilder();
    StringBuilder literal = new StringBuilder();
    String prefix = null;
    for (int i = 0; i < blob.length(); i++) {
      char c = blob.charAt(i);
      boolean doubled = i + 1 < blob.length() && blob.charAt(i + 1) == c;
      if ((c == '{' || c == '}') && doubled) {
        literal.append(c);
        i++;
      } else if (c == '{') {
        int end = blob.indexOf('}', i);
        if (end < 0) {
          throw wrong(text, "a brace that is not closed");
        }
        prefix = prefix == null ? literal.toString() : prefix;
        regex.append(Pattern.quote(literal.toString())).append("(.*)");
        literal.setLength(0);
        names.add(name(blob.substring(i + 1, end), names, text));
        i = end;
      } else if (c == '}') {
        throw wrong(text, "a closing brace without an opening one");
      } else {
        literal.append(c);
      }
    }
    regex.append(Pattern.quote(literal.toString()));
    return new BlobPattern(
        container,
        prefix == null ? literal.toString() : prefix,
        names,
        Pattern.compile(regex.toString(), Pattern.DOTALL));
  }

  private static String name(String inside, List<String> known, String text) {
    String name = inside.strip();
    if (name.isEmpty()) {
      throw wrong(text, "braces without a name");
    }
    if (name.indexOf('{') >= 0) {
      throw wrong(text, "a brace within braces");
    }
    if (known.stream().anyMatch(name::equalsIgnoreCase)) {
      throw wrong(text, "the name '%s' twice".formatted(name));
    }
    return name;
  }

  private static IllegalArgumentException wrong(String text, String what) {
    return new IllegalArgumentException(
        "The path '%s' has %s. Write a name in braces for what differs, and {{ or }} for a brace that is meant as such."
            .formatted(text, what));
  }

  /** The container. */
  String container() {
    return container;
  }

  /** What the names of all matching blobs begin with. */
  String prefix() {
    return prefix;
  }

  /** What the names in braces stand for in the name of a blob; empty if it does not match. */
  Optional<Map<String, String>> match(String blob) {
    Matcher matcher = pattern.matcher(blob);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Map<String, String> found = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      found.put(names.get(i), matcher.group(i + 1));
    }
    return Optional.of(found);
  }
}
