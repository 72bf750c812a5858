package dev.perdure.cli.operations;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** JSON that is passed on as it was written, once it is known to be JSON. */
final class JsonArgument {
  private static final String STANDARD_INPUT = "-";

  private JsonArgument() {}

  /**
   * Checks an option's value.
   *
   * @param value null for none
   * @throws ParameterException if it is not JSON
   */
  static @Nullable String of(CommandSpec spec, String option, @Nullable String value) {
    return value == null ? null : checked(spec, option, value);
  }

  /** Reads and checks a file; {@code -} is standard input. */
  static String ofFile(CommandSpec spec, String option, String file) throws IOException {
    byte[] bytes =
        file.equals(STANDARD_INPUT) ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
    try {
      return checked(
          spec,
          option,
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw new ParameterException(
          spec.commandLine(),
          "%s is not UTF-8, as JSON has to be. Convert it, say with iconv. Nothing was sent."
              .formatted(option),
          e);
    }
  }

  private static String checked(CommandSpec spec, String option, String text) {
    try {
      Json.read(text);
      return text;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(),
          "%s is not JSON: %s. A text needs double quotes of its own, as in %s '\"Tokyo\"'. Nothing was sent."
              .formatted(option, e.getMessage(), option.endsWith("-file") ? "--input" : option),
          e);
    }
  }
}
