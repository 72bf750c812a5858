package dev.perdure.bench.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Another JVM on this one's class path and options. It ends with this one, however this one ends:
 * by a shutdown hook, or because its standard input closes.
 */
public final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final Thread killer;

  private ChildJvm(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    this.killer = Thread.ofPlatform().unstarted(this::kill);
    Runtime.getRuntime().addShutdownHook(killer);
  }

  /**
   * Starts a JVM. What it writes to standard error appears on this one's.
   *
   * @param heapMiB its largest heap
   * @param main its main class, which calls {@link #endWithParent()} first
   */
  public static ChildJvm start(int heapMiB, Class<?> main, String... arguments) throws IOException {
    return start(heapMiB, System.getProperty("java.class.path"), main.getName(), arguments);
  }

  /**
   * Starts a JVM that has other classes than this one.
   *
   * @param heapMiB its largest heap
   * @param classPath where its classes are
   * @param main its main class, which ends when its standard input does
   */
  public static ChildJvm start(int heapMiB, String classPath, String main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options());
    command.add("-Xmx" + heapMiB + "m");
    command.add("-cp");
    command.add(classPath);
    command.add(main);
    command.addAll(List.of(arguments));
    return new ChildJvm(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** This JVM's own options, so that what is measured is what the user runs. */
  private static List<String> options() {
    List<String> options = new ArrayList<>();
    boolean nativeAccess = false;
    boolean collector = false;
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (option.startsWith("-Xmx")
          || option.startsWith("-Xms")
          || option.startsWith("-XX:MaxRAM")
          || option.startsWith("-agentlib:jdwp")) {
        continue; // the heap is the workload's business, and two debuggers want one port
      }
      nativeAccess |= option.startsWith("--enable-native-access");
      collector |= option.matches("-XX:\\+Use\\w+GC");
      options.add(option);
    }
    if (!nativeAccess) {
      options.add("--enable-native-access=ALL-UNNAMED");
    }
    if (!collector) {
      options.add("-XX:+UseG1GC"); // two cores and little memory would make it the serial one
    }
    options.add("-XX:+ExitOnOutOfMemoryError");
    return options;
  }

  /** In the child: ends this JVM when the one that started it is gone. */
  public static void endWithParent() {
    Thread.ofPlatform()
        .name("bench-parent-watch")
        .daemon()
        .start(
            () -> {
              try (InputStream in = System.in) {
                while (in.read() >= 0) {
                  // nothing is ever sent
                }
              } catch (IOException e) {
                // as good as the end of the stream
              }
              Runtime.getRuntime().halt(130);
            });
  }

  /** The next line of its standard output; null at the end. */
  public @Nullable String readLine() throws IOException {
    return output.readLine();
  }

  /** Waits for its end. Returns its exit code, or null if it has not ended in time. */
  public @Nullable Integer waitFor(Duration timeout) throws InterruptedException {
    return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS) ? process.exitValue() : null;
  }

  /**
   * CPU time since it began, of all its threads.
   *
   * @throws IllegalStateException if it has ended, or the operating system does not tell
   */
  public Duration cpuTime() {
    return process
        .toHandle()
        .info()
        .totalCpuDuration()
        .orElseThrow(() -> new IllegalStateException("The CPU time of a process is not known."));
  }

  /** Asks it to end (SIGTERM), and ends it if it has not done so in time. */
  public void end(Duration timeout) throws InterruptedException {
    process.destroy();
    if (waitFor(timeout) == null) {
      kill();
    }
  }

  /** Ends it and what it started, at once and without its having a say (SIGKILL). */
  public void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  @Override
  public void close() {
    kill();
    try {
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (IllegalStateException e) {
      // shutting down: the hook is running
    }
  }
}
