package dev.perdure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A program in a process of its own, which tells on its standard output what it does. */
final class ChildProgram implements AutoCloseable {
  /** How every whole line ends; a kill may cut off the last one. */
  static final String END_OF_LINE = " .";

  private final Process process;
  private final Consumer<String> listener;
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
  private final Thread reader;

  private ChildProgram(Process process, Consumer<String> listener) {
    this.process = process;
    this.listener = listener;
    this.reader = Thread.ofVirtual().start(this::read);
  }

  /**
   * Starts one.
   *
   * @param listener sees every whole line, in order
   */
  static ChildProgram start(Consumer<String> listener, Class<?> main, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return new ChildProgram(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start(),
        listener);
  }

  /** Says something to whoever has started this process. */
  static void say(String what) {
    String line = what + END_OF_LINE + "\n";
    synchronized (System.out) {
      System.out.print(line);
      System.out.flush();
    }
  }

  private void read() {
    try (BufferedReader lines = process.inputReader()) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (line.endsWith(END_OF_LINE)) {
          String whole = line.substring(0, line.length() - END_OF_LINE.length());
          listener.accept(whole);
          said.add(whole);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until a line has been said so many times, counted from here. */
  void awaitLines(int count, Predicate<String> wanted) throws InterruptedException {
    int left = count;
    while (left > 0) {
      String line = said.poll(Hubs.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (line == null) {
        throw new AssertionError("The child process does not say what it should; " + process);
      }
      if (wanted.test(line)) {
        left--;
      }
    }
  }

  /** Lets it run for a while. */
  void letRun(long micros) {
    LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(micros));
  }

  long pid() {
    return process.pid();
  }

  /** Waits until it ends by itself. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(Hubs.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      close();
      throw new AssertionError("The child process did not end");
    }
    reader.join();
    return process.exitValue();
  }

  /** Kills it with SIGKILL and reads what it had said. */
  @Override
  public void close() throws InterruptedException {
    process.toHandle().destroyForcibly(); // the process's own method would close its output as well
    process.waitFor();
    reader.join();
  }
}
