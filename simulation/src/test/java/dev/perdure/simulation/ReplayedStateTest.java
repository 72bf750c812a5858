package dev.perdure.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.orchestrator.ReplayCheck;
import dev.perdure.engine.orchestrator.StepResult;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the simulation compares differs where something is amiss, and nowhere else. */
class ReplayedStateTest {
  private static final String ID = "moody";
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final MemoryStore store = MemoryStore.open(new MemoryDisk(), 1);
  private final Engine engine =
      Engine.start(
          store, Functions.registry(Set.of()), SimulatedHost.CONVERTER, EngineOptions.DEFAULTS);
  private ReplayedState.Live live;

  /** An orchestration that has called an activity and waits for an event. */
  @BeforeEach
  void start() {
    PerdureClient client = engine.client();
    client.startNew("moody", null, StartOptions.id(ID));
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (client.explain(ID).waits().stream().noneMatch(wait -> wait.kind().equals("event"))) {
      assertThat(System.nanoTime()).as("it never waits for the event").isLessThan(deadline);
      Thread.onSpinWait();
    }
    live = Objects.requireNonNull(ReplayedState.ask(client, ID));
  }

  @AfterEach
  void close() {
    engine.close();
    store.close();
  }

  private StepResult replayed(Set<String> spoiled, List<HistoryEvent> history) throws Exception {
    return ReplayCheck.start(
            Functions.registry(spoiled),
            SimulatedHost.CONVERTER,
            ID,
            history,
            Thread.ofVirtual().factory(),
            InstantSource.system())
        .get(30, TimeUnit.SECONDS);
  }

  @Test
  void aHubAndItsCodeAgreeWithTheHistory() throws Exception {
    assertThat(ReplayedState.differencesOfState(live)).isEmpty();
    assertThat(ReplayedState.differencesOfCode(live, replayed(Set.of(), live.history()))).isEmpty();
  }

  @Test
  void aHubThatForgotAnEventIsFoundOut() {
    List<HistoryEvent> longer = live.history();
    List<HistoryEvent> shorter = longer.subList(0, longer.size() - 1);
    assertThat(
            ReplayedState.differencesOfState(
                new ReplayedState.Live(live.status(), live.explanation(), shorter)))
        .anyMatch(difference -> difference.startsWith("waits"));
  }

  @Test
  void codeThatDoesSomethingElseIsFoundOut() throws Exception {
    assertThat(ReplayedState.differencesOfCode(live, replayed(Set.of(ID), live.history())))
        .singleElement()
        .asString()
        .contains("the code does not agree");
  }

  @Test
  void codeThatGoesOnWhereItWaitedIsFoundOut() throws Exception {
    List<HistoryEvent> longer = new ArrayList<>(live.history());
    longer.add(
        new HistoryEvent.EventRaised(
            live.history().getLast().timestamp(),
            Functions.EVENT,
            SimulatedHost.CONVERTER.toPayload("now")));
    assertThat(ReplayedState.differencesOfCode(live, replayed(Set.of(), longer)))
        .anyMatch(difference -> difference.startsWith("actions"));
  }
}
