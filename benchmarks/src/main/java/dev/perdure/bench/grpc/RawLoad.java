package dev.perdure.bench.grpc;

import dev.perdure.bench.harness.ChildJvm;
import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.CreateInstanceResponse;
import dev.perdure.grpc.protocol.GetInstanceRequest;
import dev.perdure.grpc.protocol.GetInstanceResponse;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc.TaskHubSidecarServiceStub;
import io.grpc.Channel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * The main class of a JVM with workers and clients that wait for nothing: everything happens on the
 * threads of the transport. Takes and prints what the load of the SDK takes and prints, for {@code
 * hello5} only.
 */
public final class RawLoad {
  private final TaskHubSidecarServiceStub stub;
  private final LongAdder done = new LongAdder();
  private final Recorder nanos = new Recorder(2);
  private volatile boolean stopped;

  private RawLoad(Channel channel) {
    this.stub = TaskHubSidecarServiceGrpc.newStub(channel);
  }

  /** Puts load on a server. */
  public static void main(String[] arguments) throws InterruptedException {
    ChildJvm.endWithParent();
    Logger.getLogger("").setLevel(Level.WARNING);
    int port = Integer.parseInt(arguments[0]);
    int workers = Integer.parseInt(arguments[1]);
    Channel[] channels = new Channel[Integer.parseInt(arguments[2])];
    for (int i = 0; i < channels.length; i++) {
      channels[i] = channel(port);
    }
    RawLoad load = new RawLoad(channel(port));
    for (int i = 0; i < workers; i++) {
      RawWorker.start(channels[i % channels.length], load::failed);
    }
    say("READY");
    for (int i = 0; i < Integer.parseInt(arguments[4]); i++) {
      load.startOne();
    }
    load.run(Integer.parseInt(arguments[5]), Integer.parseInt(arguments[6]));
    load.measure(Integer.parseInt(arguments[7]));
    load.stopped = true;
    say("DONE");
    Thread.sleep(Long.MAX_VALUE); // until the parent ends this JVM
  }

  private static Channel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port)
        .usePlaintext()
        .directExecutor()
        .build();
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Waits for a time and for so many to have ended, but no longer than ten times as long. */
  private void run(int millis, int count) throws InterruptedException {
    long before = done.sum();
    Thread.sleep(millis);
    for (int i = 0; i < 90 && done.sum() - before < count; i++) {
      Thread.sleep(millis / 10);
    }
  }

  private void measure(int millis) throws InterruptedException {
    say("BEGIN hello5");
    nanos.getIntervalHistogram();
    long before = done.sum();
    long start = System.nanoTime();
    run(millis, 1);
    long count = done.sum() - before;
    double seconds = (System.nanoTime() - start) / 1e9;
    Histogram latencies = nanos.getIntervalHistogram();
    say(
        "END hello5 %d %s %s %s"
            .formatted(
                count,
                seconds,
                latencies.getValueAtPercentile(50) / 1e6,
                latencies.getValueAtPercentile(99) / 1e6));
  }

  @SuppressWarnings("CatchAndPrintStackTrace") // standard error is where the parent's user looks
  private void failed(Throwable failure) {
    if (!stopped) {
      stopped = true;
      failure.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  private void startOne() {
    long start = System.nanoTime();
    stub.startInstance(
        CreateInstanceRequest.newBuilder().setName("hello5").build(),
        new Answer<>() {
          @Override
          public void onNext(CreateInstanceResponse answer) {
            await(answer.getInstanceId(), start);
          }
        });
  }

  private void await(String instanceId, long start) {
    stub.waitForInstanceCompletion(
        GetInstanceRequest.newBuilder()
            .setInstanceId(instanceId)
            .setGetInputsAndOutputs(true)
            .build(),
        new Answer<>() {
          @Override
          public void onNext(GetInstanceResponse answer) {
            String output = answer.getOrchestrationState().getOutput().getValue();
            if (!output.equals(RawWorker.OUTPUT)) {
              failed(new IllegalStateException("Put out " + output + ": " + answer));
            }
            nanos.recordValue(System.nanoTime() - start);
            done.increment();
            if (!stopped) {
              startOne();
            }
          }
        });
  }

  private abstract class Answer<T> implements StreamObserver<T> {
    @Override
    public void onError(Throwable failure) {
      failed(failure);
    }

    @Override
    public void onCompleted() {}
  }
}
