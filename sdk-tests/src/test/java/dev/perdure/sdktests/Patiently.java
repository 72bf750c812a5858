package dev.perdure.sdktests;

import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.OrchestrationMetadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;

/** What a careful client does: it asks again when the server is away. */
final class Patiently {
  private Patiently() {}

  /** Calls until the server answers, whatever it answers. */
  static <T> T call(Duration patience, Callable<T> call) throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return call.call();
      } catch (StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.UNAVAILABLE || System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  /**
   * Starts an orchestration under an id of its own. When the answer to a call was lost, the next is
   * refused, because the instance is there.
   */
  static String start(
      DurableTaskClient client, Duration patience, String orchestrator, Object input, String id)
      throws Exception {
    try {
      return call(patience, () -> client.scheduleNewOrchestrationInstance(orchestrator, input, id));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.ALREADY_EXISTS) {
        return id;
      }
      throw e;
    }
  }

  /** Waits until it has ended, however often the server goes away meanwhile. */
  static OrchestrationMetadata end(DurableTaskClient client, Duration patience, String id)
      throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      // A connection that hangs must not hold up the next attempt.
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      try {
        Duration attempt =
            Duration.ofSeconds(10).compareTo(left) < 0 ? Duration.ofSeconds(10) : left;
        return call(left, () -> client.waitForInstanceCompletion(id, attempt, true));
      } catch (TimeoutException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
      }
    }
  }
}
