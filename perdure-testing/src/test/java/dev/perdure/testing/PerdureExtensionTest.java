package dev.perdure.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.Activity;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.PerdureClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

class PerdureExtensionTest {

  @Nested
  @ExtendWith(PerdureExtension.class)
  class WithTheFunctionsOfTheTestItself {
    @Orchestrator
    String greet(OrchestrationContext ctx, String whom) {
      return ctx.callActivity("hello", whom, String.class).await();
    }

    @Activity
    String hello(String whom) {
      return "Hello, " + whom;
    }

    @BeforeEach
    void start(PerdureClient client) {
      client.startNew("greet", "Ada");
    }

    @Test
    void aTestTakesTheHub(TestHub hub) {
      assertThat(hub.output("instance-1", String.class)).isEqualTo("Hello, Ada");
      assertThat(hub.run("greet", "Bob", String.class)).isEqualTo("Hello, Bob");
    }

    @Test
    void everyTestHasAHubOfItsOwn(TestHub hub, PerdureClient client) {
      hub.runUntilIdle();
      assertThat(client.status("instance-1")).isPresent();
      assertThat(client.status("instance-2")).isEmpty();
      assertThat(hub.client()).isSameAs(client);
    }
  }

  @Nested
  class WithFunctionsOfItsOwn {
    @RegisterExtension
    PerdureExtension perdure =
        PerdureExtension.with(hub -> hub.orchestrator("one", ctx -> 1).partitions(1));

    @Test
    void theHubIsThatOfTheTest(TestHub hub) {
      assertThat(perdure.hub()).isSameAs(hub);
      assertThat(perdure.hub().run("one", null, Integer.class)).isEqualTo(1);
    }
  }

  // ---- tests that are meant to fail, run from inside a test -------------------------------------

  private static final List<TestHub> SEEN = new ArrayList<>();

  /** Leaves an orchestration behind that was set aside. */
  @TestInstance(TestInstance.Lifecycle.PER_METHOD)
  static class Careless {
    @RegisterExtension
    static PerdureExtension perdure = PerdureExtension.with(hub -> leavesSomethingStuck(hub));

    @Test
    void leavesSomethingSetAside(TestHub hub) {
      SEEN.add(hub);
      breakSomething(hub);
    }

    @Test
    void noticesWhatWasSetAside(TestHub hub) {
      assertThat(hub.problem(breakSomething(hub))).isPresent();
    }

    @Test
    void leavesWhatWaitsForAnEventBehind(TestHub hub) {
      hub.client().startNew("o");
    }
  }

  static class CarelessOnPurpose {
    @RegisterExtension
    PerdureExtension perdure =
        PerdureExtension.with(hub -> leavesSomethingStuck(hub)).withoutFinalCheck();

    @Test
    void leavesSomethingSetAside(TestHub hub) {
      breakSomething(hub);
    }

    @AfterEach
    void theHubIsStillOpen(TestHub hub) {
      assertThat(hub.client().status("instance-1")).isPresent();
    }
  }

  private static TestHub.Builder leavesSomethingStuck(TestHub.Builder hub) {
    return hub.orchestrator(
        "o",
        ctx -> {
          ctx.createTimer(Duration.ofDays(1));
          return ctx.waitForExternalEvent("go", String.class).await();
        });
  }

  private static String breakSomething(TestHub hub) {
    String id = hub.client().startNew("o");
    hub.runUntilIdle();
    hub.restart(
        TestHub.builder()
            .orchestrator("o", ctx -> ctx.waitForExternalEvent("go", String.class).await()));
    hub.client().raiseEvent(id, "go");
    return id;
  }

  @Test
  void aTestThatLeavesSomethingSetAsideUnnoticedFails() {
    SEEN.clear();
    SummaryGeneratingListener heard = execute(Careless.class);
    assertThat(heard.getSummary().getTestsSucceededCount()).isEqualTo(2);
    assertThat(heard.getSummary().getFailures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.getTestIdentifier().getDisplayName())
                  .startsWith("leavesSomethingSetAside");
              assertThat(failure.getException())
                  .isInstanceOf(AssertionError.class)
                  .hasMessageContaining("'instance-1' was set aside");
            });
    // The hub was closed all the same.
    assertThatThrownBy(() -> SEEN.getFirst().client().startNew("o"))
        .isInstanceOf(dev.perdure.api.HubClosedException.class);
  }

  @Test
  void aTestMayAskNotToBeChecked() {
    SummaryGeneratingListener heard = execute(CarelessOnPurpose.class);
    assertThat(heard.getSummary().getTestsSucceededCount()).isEqualTo(1);
  }

  @Test
  void outsideATestThereIsNoHub() {
    assertThat(Optional.of(PerdureExtension.with(hub -> hub)))
        .hasValueSatisfying(
            extension ->
                assertThatThrownBy(extension::hub)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("@RegisterExtension"));
  }

  private static SummaryGeneratingListener execute(Class<?> tests) {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClass(tests))
            .build(),
        listener);
    return listener;
  }
}
