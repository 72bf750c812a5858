package dev.perdure.examples.entities.bank;

import dev.perdure.examples.entities.bank.BankProgram.Report;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;

/** A {@link BankProgram} in a process of its own. Used by one thread. */
final class BankProcess implements AutoCloseable {
  private final Process process;
  private final Thread reader;
  private final BiConsumer<Report, String> listener;
  private final Map<Report, Integer> said = new EnumMap<>(Report.class);
  private boolean over;

  private BankProcess(Process process, BiConsumer<Report, String> listener) {
    this.process = process;
    this.listener = listener;
    this.reader = Thread.ofPlatform().name("bank-reader").daemon().start(this::read);
  }

  /**
   * Starts one.
   *
   * @param listener sees every whole line, in order
   */
  static BankProcess start(Path hub, Work work, BiConsumer<Report, String> listener)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // it does not live long enough for more
                "-cp",
                System.getProperty("java.class.path"),
                BankProgram.class.getName(),
                hub.toString(),
                String.valueOf(work.accounts()),
                String.valueOf(work.transfers()),
                String.valueOf(work.concurrent())));
    return new BankProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start(),
        listener);
  }

  private void read() {
    try (BufferedReader lines = process.inputReader()) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (line.endsWith(Report.END_OF_LINE)) {
          heard(line.substring(0, line.length() - Report.END_OF_LINE.length()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      synchronized (this) {
        over = true;
        notifyAll();
      }
    }
  }

  private synchronized void heard(String line) {
    int space = line.indexOf(' ');
    Report report = Report.valueOf(line.substring(0, space));
    listener.accept(report, line.substring(space + 1));
    said.merge(report, 1, Integer::sum);
    notifyAll();
  }

  /**
   * Waits until it has reported something so many times, or has ended.
   *
   * @return whether it has not ended
   */
  synchronized boolean await(Report report, int times) throws InterruptedException {
    while (said.getOrDefault(report, 0) < times && !over) {
      wait();
    }
    return !over;
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
    int code = process.waitFor();
    reader.join();
    return code;
  }

  /**
   * Kills it with SIGKILL and reads what it had said.
   *
   * @return whether it had not ended by itself before
   */
  boolean kill() throws InterruptedException {
    boolean alive = process.isAlive();
    process.toHandle().destroyForcibly(); // the process's own method would close its output as well
    int code = process.waitFor();
    reader.join();
    return alive && code != 0;
  }

  /** Kills it, if it still runs. */
  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
