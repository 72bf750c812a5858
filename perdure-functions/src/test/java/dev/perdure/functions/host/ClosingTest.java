package dev.perdure.functions.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Activity;
import dev.perdure.api.ActivityContext;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.PerdureClient;
import dev.perdure.functions.TestFunctions;
import dev.perdure.functions.definition.AppDefinition;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.testing.LivenessAudit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A host that is closed from within, or by several at once. */
@Timeout(60)
class ClosingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final AtomicInteger RUNS = new AtomicInteger();
  private static CountDownLatch running;
  private static CountDownLatch mayEnd;
  private static Runnable onCancellation;

  /** The app. */
  public static class Flows {
    /** Calls an activity. */
    @Orchestrator
    public static String flow(OrchestrationContext context) {
      return context.callActivity("work", null, String.class).await();
    }

    /** Ends within the time that a closing host gives it. */
    @Activity
    public static String work(ActivityContext context) throws InterruptedException {
      String run = "run " + RUNS.incrementAndGet();
      context.onCancellation(onCancellation);
      running.countDown();
      mayEnd.await();
      return run;
    }
  }

  @TempDir Path data;

  @BeforeEach
  void begin() {
    RUNS.set(0);
    running = new CountDownLatch(1);
    mayEnd = new CountDownLatch(1);
  }

  private FunctionsHost start() {
    AppDefinition definition = TestFunctions.of(Flows.class);
    assertThat(definition.durableClasses()).containsExactly(Flows.class.getName());
    return FunctionsHost.start(
        new App(
            "flows",
            definition,
            ClosingTest.class.getClassLoader(),
            Settings.NONE,
            HostSettings.DEFAULTS),
        HostOptions.of(data).withPorts(0, 0, true));
  }

  private static String begin(PerdureClient client) throws InterruptedException {
    String id = client.startNew("flow");
    assertThat(running.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    LivenessAudit.check(client);
    return id;
  }

  private void assertTheResultWasRecorded(String id) {
    try (FunctionsHost host = start();
        LivenessAudit liveness = LivenessAudit.of(host.client())) {
      assertThat(host.client().waitForCompletion(id, PATIENCE).output(String.class))
          .isEqualTo("run 1");
    }
  }

  @Test
  void whoClosesAHostWhileItClosesItselfLeavesItToTheFirst() throws Exception {
    FunctionsHost host = start();
    onCancellation =
        () -> {
          host.close();
          mayEnd.countDown();
        };
    String id = begin(host.client());
    host.close();
    assertTheResultWasRecorded(id);
  }

  @Test
  void whoIsInterruptedWhileAnotherOneClosesLeavesItToThatOne() throws Exception {
    FunctionsHost host = start();
    CountDownLatch closing = new CountDownLatch(1);
    onCancellation = closing::countDown;
    String id = begin(host.client());
    Thread first = Thread.ofPlatform().start(host::close);
    closing.await();
    Thread second = Thread.ofPlatform().start(host::close);
    second.interrupt();
    assertThat(second.join(PATIENCE)).as("it waits no longer").isTrue();
    mayEnd.countDown();
    assertThat(first.join(PATIENCE)).isTrue();
    assertTheResultWasRecorded(id);
  }
}
