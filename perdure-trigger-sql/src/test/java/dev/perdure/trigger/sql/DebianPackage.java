package dev.perdure.trigger.sql;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Programs that tests need and that come with packages of Debian. */
final class DebianPackage {
  private static final long INSTALLATION_SECONDS = 300;

  private DebianPackage() {}

  /** Installs a package; if that is not possible, says so and skips the test. */
  static void install(String name) {
    boolean installed =
        run("apt-get", "update")
            && run(
                "env",
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "install",
                "-y",
                "--no-install-recommends",
                name);
    if (!installed) {
      skip(
          "The package '%s' is missing and could not be installed. Install it to run these tests."
              .formatted(name));
    }
  }

  /** Skips a test, loudly. */
  static void skip(String why) {
    System.out.println("SKIPPED: " + why);
    Assumptions.abort(why);
  }

  private static boolean run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (process.waitFor(INSTALLATION_SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue() == 0;
      }
      process.destroyForcibly();
      return false;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
