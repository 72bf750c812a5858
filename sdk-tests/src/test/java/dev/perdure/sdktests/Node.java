package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** Node.js, where there is one, and packages for it. */
final class Node {
  private static final int VERSION_MIN = 20;

  private Node() {}

  /** Skips the test, and says so loudly, when this machine cannot run JavaScript. */
  static void assumeInstalled() {
    String version = versionOf("node");
    Matcher matcher = Pattern.compile("v(\\d+)\\..*").matcher(version == null ? "" : version);
    if (!matcher.matches() || Integer.parseInt(matcher.group(1)) < VERSION_MIN) {
      throw skipped("node (found: %s)".formatted(version));
    }
    if (versionOf("npm") == null) {
      throw skipped("npm");
    }
  }

  private static TestAbortedException skipped(String missing) {
    String reason =
        "SKIPPED: the published JavaScript SDK is not tested here, because this machine has no %s."
                .formatted(missing)
            + " Install Node.js %d or newer with npm, e.g. apt-get install nodejs npm."
                .formatted(VERSION_MIN);
    System.err.println(reason);
    return new TestAbortedException(reason);
  }

  private static String versionOf(String program) {
    try {
      Process process = new ProcessBuilder(program, "--version").redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes()).strip();
      return process.waitFor() == 0 ? output : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Copies a directory of sources to where things are built, and installs the packages that its
   * lock file names, unless it has been done before.
   *
   * @return the copy
   */
  static Path install(Path sources, String name) throws Exception {
    Path copy = Path.of("target", name).toAbsolutePath();
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(each -> !each.toString().contains("node_modules")).toList()) {
        Path to = copy.resolve(sources.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    Path installed = copy.resolve("node_modules/installed-from-package-lock.json");
    Path lock = copy.resolve("package-lock.json");
    if (Files.exists(installed) && Files.mismatch(installed, lock) == -1) {
      return copy;
    }
    Process npm =
        new ProcessBuilder("npm", "ci", "--ignore-scripts", "--loglevel=error")
            .directory(copy.toFile())
            .redirectErrorStream(true)
            .start();
    npm.getOutputStream().close();
    String output = new String(npm.getInputStream().readAllBytes());
    assertThat(npm.waitFor(5, TimeUnit.MINUTES)).as("npm ci ends in time: %s", output).isTrue();
    assertThat(npm.exitValue())
        .as("exit code of npm ci in %s, which installs the SDK; it says:%n%s", copy, output)
        .isZero();
    Files.copy(lock, installed, StandardCopyOption.REPLACE_EXISTING);
    return copy;
  }

  /** A command that runs a script, or the script's tests, in a directory. */
  static ProcessBuilder command(Path directory, List<String> arguments) {
    ProcessBuilder command = new ProcessBuilder(arguments).directory(directory.toFile());
    command.environment().remove("NODE_OPTIONS");
    return command;
  }
}
