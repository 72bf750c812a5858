package dev.perdure.cli.operations;

import dev.perdure.http.durable.DurableHttpOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The key that a server demands. It is not an argument, which others on the machine could see. */
final class ServerKey {
  static final String VARIABLE = "PERDURE_KEY";

  private ServerKey() {}

  /**
   * Finds the key.
   *
   * @param file a server's own file of keys, or one whose first line is the key; null for none
   * @param environment where the key is without a file
   * @return null if there is none
   * @throws IOException if the file cannot be read or is empty
   */
  static @Nullable String find(@Nullable Path file, Map<String, String> environment)
      throws IOException {
    if (file == null) {
      String key = environment.get(VARIABLE);
      return key == null || key.isBlank() ? null : key.strip();
    }
    List<String> lines =
        Files.readAllLines(file).stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .toList();
    if (lines.isEmpty()) {
      throw new IOException(
          "The file %s holds no key. Its first line must be one.".formatted(file));
    }
    return lines.stream()
        .map(line -> line.split("=", 2))
        .filter(line -> line.length == 2 && line[0].strip().equals(DurableHttpOptions.SYSTEM_KEY))
        .map(line -> line[1].strip())
        .findFirst()
        .orElse(lines.getFirst());
  }
}
