package dev.perdure.functions.settings;

import dev.perdure.functions.text.InvalidFileException;
import io.github.cdimascio.dotenv.Dotenv;
import io.github.cdimascio.dotenv.DotenvEntry;
import io.github.cdimascio.dotenv.DotenvException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A file with a {@code NAME=value} on each line. */
final class DotEnvFile {
  static final String NAME = ".env";

  private static final String MALFORMED = "Malformed entry ";

  private DotEnvFile() {}

  /** What the file says; nothing of the environment. */
  static Map<String, String> read(Path file) {
    Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    try {
      Dotenv dotenv =
          Dotenv.configure()
              .directory(String.valueOf(file.toAbsolutePath().getParent()))
              .filename(String.valueOf(file.getFileName()))
              .load();
      for (DotenvEntry entry : dotenv.entries(Dotenv.Filter.DECLARED_IN_ENV_FILE)) {
        values.put(entry.getKey(), unquoted(entry.getValue()));
      }
      return values;
    } catch (DotenvException e) {
      // Without what the library says, which is the line and so the value.
      throw new InvalidFileException(explanation(file, String.valueOf(e.getMessage())));
    }
  }

  /** The library leaves single quotes in place; everywhere else they mean "as it is". */
  private static String unquoted(String value) {
    return value.length() >= 2 && value.startsWith("'") && value.endsWith("'")
        ? value.substring(1, value.length() - 1)
        : value;
  }

  private static String explanation(Path file, String message) {
    if (!message.startsWith(MALFORMED)) {
      return "%s cannot be read. Is it text in UTF-8, and may it be read?".formatted(NAME);
    }
    String wrong = message.substring(MALFORMED.length()).lines().findFirst().orElse("");
    String place = NAME + line(file, wrong);
    if (wrong.startsWith("\uFEFF")) {
      return "%s begins with a byte order mark; save the file without it.".formatted(place);
    }
    if (wrong.strip().startsWith("export ")) {
      return "%s is not NAME=value; leave out 'export'.".formatted(place);
    }
    return "%s is not NAME=value, with a name of letters, digits, '_', '.' and '-'."
        .formatted(place);
  }

  private static String line(Path file, String wrong) {
    try {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).strip().equals(wrong.strip())) {
          return ", line %d,".formatted(i + 1);
        }
      }
    } catch (IOException e) {
      // Then without the line.
    }
    return "";
  }
}
