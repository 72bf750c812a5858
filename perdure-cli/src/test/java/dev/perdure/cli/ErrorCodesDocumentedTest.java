package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever looks up a code finds it, and finds no code that nothing throws. */
class ErrorCodesDocumentedTest {
  private static final Pattern CODE_IN_SOURCE = Pattern.compile("\"(PD-\\d{4})\"");
  private static final Pattern ROW_OF_TABLE = Pattern.compile("^\\| (PD-\\d{4}) \\|");

  /** Maven runs tests in the directory of their module. */
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @Test
  void everyErrorCodeIsInTheTableAndEveryCodeOfTheTableIsInUse() throws IOException {
    assertThat(documentedCodes()).isEqualTo(codesInSources());
  }

  @Test
  void noErrorCodeIsDocumentedTwice() throws IOException {
    assertThat(rows()).doesNotHaveDuplicates();
  }

  private static Set<String> documentedCodes() throws IOException {
    return new TreeSet<>(rows());
  }

  private static List<String> rows() throws IOException {
    return Files.readAllLines(ROOT.resolve("docs/errors.md")).stream()
        .map(ROW_OF_TABLE::matcher)
        .filter(Matcher::find)
        .map(row -> row.group(1))
        .toList();
  }

  private static Set<String> codesInSources() throws IOException {
    Set<String> codes = new TreeSet<>();
    for (Path source : sources()) {
      CODE_IN_SOURCE
          .matcher(Files.readString(source))
          .results()
          .map(found -> found.group(1))
          .forEach(codes::add);
    }
    return codes;
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      List<Path> roots =
          modules
              .map(module -> module.resolve("src/main/java"))
              .filter(Files::isDirectory)
              .toList();
      assertThat(roots).isNotEmpty();
      List<Path> sources = new ArrayList<>();
      for (Path root : roots) {
        try (Stream<Path> files = Files.walk(root)) {
          files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
        }
      }
      return sources;
    }
  }
}
