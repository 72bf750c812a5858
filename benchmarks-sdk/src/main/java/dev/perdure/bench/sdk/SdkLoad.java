package dev.perdure.bench.sdk;

import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.DurableTaskGrpcClientBuilder;
import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The main class of the JVM that puts load on a server with the published Java SDK. It prints one
 * line for each thing that happens, which the benchmark reads: {@code READY}, {@code BEGIN label},
 * {@code END label count seconds p50 p99} (times of one orchestration, in milliseconds) and {@code
 * DONE}. It ends when its standard input does.
 *
 * <p>Arguments: port, number of workers, number of connections that they share, then one of
 *
 * <ul>
 *   <li>{@code hello5 inFlight warmUpMillis warmUpCount measuredMillis}; the warm-up lasts until
 *       both are reached, but no longer than ten times as long; what is measured lasts until at
 *       least one has ended, with the same limit
 *   <li>{@code fanout activities warmUpRuns runs}
 *   <li>{@code sequence warmUpRuns runs length...}
 *   <li>{@code idle}
 * </ul>
 */
public final class SdkLoad {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** A worker is a thread that blocks on its stream and tells nobody when it is connected. */
  private static final long CONNECT_MILLIS = 1_000;

  private final DurableTaskClient client;
  private final Logger quiet = Logger.getLogger("com.microsoft.durabletask"); // held: it is weak

  private SdkLoad(int port) {
    quiet.setLevel(Level.SEVERE);
    client = new DurableTaskGrpcClientBuilder().grpcChannel(channel(port)).build();
  }

  /** Puts load on a server. */
  @SuppressWarnings("CatchAndPrintStackTrace") // standard error is where the parent's user looks
  public static void main(String[] arguments) {
    endWithParent();
    Logger.getLogger("").setLevel(Level.WARNING);
    try {
      int port = Integer.parseInt(arguments[0]);
      SdkLoad load = new SdkLoad(port);
      int connections = Integer.parseInt(arguments[2]);
      List<ManagedChannel> channels = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        channels.add(channel(port));
      }
      for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
        Functions.startWorker(channels.get(i % connections));
      }
      Thread.sleep(CONNECT_MILLIS);
      say("READY");
      load.run(List.of(arguments).subList(3, arguments.length));
      say("DONE");
      new CountDownLatch(1).await(); // until the parent ends this JVM
    } catch (Exception | Error e) {
      e.printStackTrace();
      System.exit(1);
    }
  }

  private static ManagedChannel channel(int port) {
    return ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  private static void endWithParent() {
    Thread.ofPlatform()
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

  static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private void run(List<String> arguments) throws InterruptedException {
    switch (arguments.getFirst()) {
      case "hello5" ->
          hello5(
              number(arguments, 1),
              number(arguments, 2),
              number(arguments, 3),
              number(arguments, 4));
      case "fanout" -> {
        int activities = number(arguments, 1);
        for (int i = 0; i < number(arguments, 2); i++) {
          one("warm", "fanOut", activities, activities);
        }
        for (int i = 0; i < number(arguments, 3); i++) {
          one("run", "fanOut", activities, activities);
        }
      }
      case "sequence" -> {
        List<String> lengths = arguments.subList(3, arguments.size());
        for (int i = 0; i < number(arguments, 1); i++) {
          int longest = Integer.parseInt(lengths.getLast());
          one("warm", "sequence", longest, longest);
        }
        for (int i = 0; i < number(arguments, 2); i++) {
          for (String length : lengths) {
            one(length, "sequence", Integer.parseInt(length), Integer.parseInt(length));
          }
        }
      }
      case "idle" -> {}
      default -> throw new IllegalArgumentException(arguments.getFirst());
    }
  }

  private static int number(List<String> arguments, int index) {
    return Integer.parseInt(arguments.get(index));
  }

  private void hello5(int inFlight, int warmUpMillis, int warmUpCount, int measuredMillis)
      throws InterruptedException {
    try (ClientLoop loop =
        ClientLoop.start(
            inFlight, () -> runToEnd("hello5", null, String.class, Functions.HELLO5_OUTPUT))) {
      loop.run(warmUpMillis, warmUpCount);
      loop.measure("hello5", measuredMillis);
    }
  }

  /** Runs one orchestration by itself. */
  private void one(String label, String name, int input, int expected) {
    say("BEGIN " + label);
    long start = System.nanoTime();
    runToEnd(name, input, Integer.class, expected);
    double seconds = (System.nanoTime() - start) / 1e9;
    say("END %s 1 %s %s %s".formatted(label, seconds, seconds * 1e3, seconds * 1e3));
  }

  private <T> void runToEnd(String name, @Nullable Object input, Class<T> type, T expected) {
    OrchestrationMetadata end;
    try {
      String id =
          input == null
              ? client.scheduleNewOrchestrationInstance(name)
              : client.scheduleNewOrchestrationInstance(name, input);
      end = client.waitForInstanceCompletion(id, PATIENCE, true);
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    }
    if (end == null
        || end.getRuntimeStatus() != OrchestrationRuntimeStatus.COMPLETED
        || !expected.equals(end.readOutputAs(type))) {
      throw new IllegalStateException("Not completed with " + expected + ": " + end);
    }
  }
}
