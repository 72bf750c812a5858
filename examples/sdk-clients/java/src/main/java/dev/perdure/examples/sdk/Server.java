package dev.perdure.examples.sdk;

import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.OrchestrationMetadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;

/**
 * What a client does about a server that is away for a while. A worker of the SDK connects again by
 * itself; a client sees {@code UNAVAILABLE} and decides.
 */
final class Server {
  private static final Duration ATTEMPT = Duration.ofSeconds(20);

  private Server() {}

  /** Asks until there is an answer. */
  static <T> T ask(Callable<T> question) throws Exception {
    boolean told = false;
    while (true) {
      try {
        return question.call();
      } catch (StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
          throw e;
        }
        if (!told) {
          System.out.println("              the server is away, asking again until it is back");
          told = true;
        }
        Thread.sleep(200);
      }
    }
  }

  static void await(DurableTaskClient client, int port) throws Exception {
    try {
      client.getInstanceMetadata("nobody", false);
    } catch (StatusRuntimeException e) {
      System.out.printf(
          "There is no server on port %d yet (%s). Start one: ./perdure server --store"
              + " server.hub%n",
          port, e.getStatus().getCode());
      ask(() -> client.getInstanceMetadata("nobody", false));
    }
  }

  /**
   * Starts an orchestration under an id that the caller has chosen. When the server goes away with
   * the answer, asking again does no harm: the id is taken, so it was started.
   */
  static void start(DurableTaskClient client, String orchestrator, String id, Object input)
      throws Exception {
    ask(
        () -> {
          try {
            return client.scheduleNewOrchestrationInstance(orchestrator, input, id);
          } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.ALREADY_EXISTS) {
              return id;
            }
            throw e;
          }
        });
  }

  /** Waits until it has ended. */
  static OrchestrationMetadata end(DurableTaskClient client, String id) throws Exception {
    while (true) {
      try {
        return ask(() -> client.waitForInstanceCompletion(id, ATTEMPT, true));
      } catch (TimeoutException e) {
        System.out.printf("              still waiting for %s%n", id);
      }
    }
  }
}
