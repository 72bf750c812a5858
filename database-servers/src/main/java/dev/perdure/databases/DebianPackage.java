package dev.perdure.databases;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

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
      throw skip(
          "The package '%s' is missing and could not be installed. Install it to run these tests."
              .formatted(name));
    }
  }

  /** Says why a test is skipped; what it gives is to be thrown. */
  static TestAbortedException skip(String why) {
    System.out.println("SKIPPED: " + why);
    return new TestAbortedException(why);
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
