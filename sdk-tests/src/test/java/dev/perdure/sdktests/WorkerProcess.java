package dev.perdure.sdktests;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;

/** A worker of the Java SDK in a process of its own, to be killed with SIGKILL. */
final class WorkerProcess implements AutoCloseable {
  private final Process process;

  private WorkerProcess(Process process) {
    this.process = process;
    Runtime.getRuntime().addShutdownHook(new Thread(() -> process.toHandle().destroyForcibly()));
  }

  /** Starts one that runs {@link Workload}, and waits until it is about to connect. */
  static WorkerProcess start(int port) throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    WorkerProcess.class.getName(),
                    Integer.toString(port)))
            .redirectErrorStream(true)
            .start();
    WorkerProcess worker = new WorkerProcess(process);
    BufferedReader output = process.inputReader();
    String line;
    do {
      line = output.readLine();
    } while (line != null && !line.equals("started"));
    if (line == null) {
      worker.close();
      throw new AssertionError("The worker process has ended");
    }
    Thread.ofVirtual().start(() -> output.lines().forEach(each -> {}));
    return worker;
  }

  /** Ends it with SIGKILL. */
  @Override
  public void close() throws InterruptedException {
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  public static void main(String[] arguments) throws Exception {
    SdkWorker worker = SdkWorker.start(Integer.parseInt(arguments[0]), Workload::register);
    System.out.println("started");
    while (worker.isRunning()) {
      Thread.sleep(100);
    }
    System.exit(1);
  }
}
