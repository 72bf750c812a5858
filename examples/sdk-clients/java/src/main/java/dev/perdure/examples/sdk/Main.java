package dev.perdure.examples.sdk;

import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.DurableTaskGrpcClientBuilder;
import com.microsoft.durabletask.DurableTaskGrpcWorker;
import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/**
 * Starts orchestrations of three kinds, waits for all, and prints what came of them. Kill the
 * server meanwhile and start it again: everything goes on where it was.
 *
 * <p>Arguments: the server's port (4001) and how many to start of each kind (5).
 */
public final class Main {
  private final DurableTaskClient client;
  private final String run = now().truncatedTo(ChronoUnit.SECONDS).toString();
  private int failures;

  private Main(DurableTaskClient client) {
    this.client = client;
  }

  /** Runs the example. */
  public static void main(String[] arguments) throws Exception {
    int port = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 4001;
    int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;

    DurableTaskClient client = new DurableTaskGrpcClientBuilder().port(port).build();
    Server.await(client, port);
    DurableTaskGrpcWorkerBuilder builder = new DurableTaskGrpcWorkerBuilder().port(port);
    Functions.addTo(builder);
    DurableTaskGrpcWorker worker = builder.build();
    worker.start(); // from here on it connects again by itself, whenever it has to

    int failures = new Main(client).run(count);
    System.exit(failures == 0 ? 0 : 1);
  }

  private int run(int count) throws Exception {
    for (int i = 1; i <= count; i++) {
      start("HelloSequence", id("hello", i), "Tokyo,London,Seattle");
      start("FanOut", id("fan-out", i), 10 * i);
      start("Approval", id("approval", i), i % 2 == 0 ? 3600 : 2);
    }
    System.out.printf("%s  started %d of each kind%n", now(), count);

    // Every second one is approved; for the others a timer fires first.
    for (int i = 2; i <= count; i += 2) {
      String id = id("approval", i);
      Server.ask(
          () -> {
            client.raiseEvent(id, "decision", "approved by Grace");
            return id;
          });
    }
    for (int i = 1; i <= count; i++) {
      report(id("hello", i));
    }
    for (int i = 1; i <= count; i++) {
      report(id("fan-out", i));
    }
    for (int i = 1; i <= count; i++) {
      report(id("approval", i));
    }
    System.out.printf("%s  %d of %d ended well%n", now(), 3 * count - failures, 3 * count);
    return failures;
  }

  private String id(String name, int number) {
    return name + "-" + number + "@" + run;
  }

  private void start(String orchestrator, String id, Object input) throws Exception {
    Server.start(client, orchestrator, id, input);
  }

  private void report(String id) throws Exception {
    OrchestrationMetadata end = Server.end(client, id);
    if (end.getRuntimeStatus() == OrchestrationRuntimeStatus.COMPLETED) {
      System.out.printf("%s  %s: %s%n", now(), id, end.readOutputAs(String.class));
    } else {
      failures++;
      System.out.printf("%s  %s: %s%n", now(), id, end.getRuntimeStatus());
    }
  }

  private static LocalTime now() {
    return LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.MILLIS);
  }
}
