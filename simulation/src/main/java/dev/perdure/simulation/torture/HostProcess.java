package dev.perdure.simulation.torture;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A {@link TortureHost} in a process of its own, from its start until it is killed. */
final class HostProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
  private final Thread reader;

  private HostProcess(Process process, Consumer<String> listener) {
    this.process = process;
    this.reader = Thread.ofVirtual().start(() -> read(listener));
  }

  /**
   * Starts one.
   *
   * @param listener sees every whole line, in order
   */
  static HostProcess start(Path hub, String name, Consumer<String> listener) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            TortureHost.class.getName(),
            hub.toString(),
            name);
    return new HostProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start(),
        listener);
  }

  private void read(Consumer<String> listener) {
    try (BufferedReader lines = process.inputReader()) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (line.endsWith(TortureHost.END_OF_LINE)) {
          String whole = line.substring(0, line.length() - TortureHost.END_OF_LINE.length());
          listener.accept(whole);
          said.add(whole);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until a line has been said so many times; returns false if it takes too long. */
  boolean awaitLines(int count, Predicate<String> wanted) throws InterruptedException {
    int left = count;
    while (left > 0) {
      String line = said.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (line == null) {
        return false;
      }
      if (wanted.test(line)) {
        left--;
      }
    }
    return true;
  }

  /** Kills this very process with SIGKILL, and reads what it had said. */
  @Override
  public void close() throws InterruptedException {
    process.toHandle().destroyForcibly(); // the process's own method would close its output as well
    process.waitFor();
    reader.join();
  }
}
