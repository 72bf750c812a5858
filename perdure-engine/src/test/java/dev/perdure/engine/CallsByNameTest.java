package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.InstanceQuery;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TypeRef;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The shorter forms of calls by name. */
class CallsByNameTest extends Scenarios {
  private static final TypeRef<List<Integer>> NUMBERS = new TypeRef<>() {};

  @Test
  void resultsThatAreNotNeededNeedNoType() {
    AtomicInteger attempts = new AtomicInteger();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          TaskOptions twice = TaskOptions.retry(RetryPolicy.of(2, Duration.ZERO));
                          ctx.callActivity("failing once", 1, twice).await();
                          ctx.callSubOrchestrator("child").await();
                          ctx.callSubOrchestrator("child", "input").await();
                          ctx.callSubOrchestrator("child", null, TaskOptions.NONE).await();
                          return ctx.callSubOrchestrator("list", null, NUMBERS).await();
                        })
                    .orchestrator("child", ctx -> "ignored")
                    .orchestrator("list", ctx -> List.of(1, 2))
                    .activity(
                        "failing once",
                        Integer.class,
                        i -> {
                          if (attempts.incrementAndGet() == 1) {
                            throw new IllegalStateException("once");
                          }
                          return "ignored";
                        }));

    String id = hub.client().startNew("main");

    assertThat(hub.endWhileTimePasses(id).output(NUMBERS)).containsExactly(1, 2);
    assertThat(attempts).hasValue(2);
  }

  @Test
  void eventsMayBeWaitedForWithoutAPayloadOrWithAGenericOne() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      ctx.waitForExternalEvent("first").await();
                      ctx.waitForExternalEvent("second", Duration.ofDays(1)).await();
                      List<Integer> numbers =
                          ctx.waitForExternalEvent("third", Duration.ofDays(1), NUMBERS).await();
                      ctx.setCustomStatus(numbers);
                      return numbers.size();
                    }));
    String id = hub.client().startNew("main", List.of(7));

    hub.client().raiseEvent(id, "first");
    hub.client().raiseEvent(id, "second", "ignored");
    hub.client().raiseEvent(id, "third", List.of(1, 2, 3));

    assertThat(hub.output(id, int.class)).isEqualTo(3);
    assertThat(hub.status(id).customStatus(NUMBERS)).containsExactly(1, 2, 3);
    assertThat(hub.status(id).input(NUMBERS)).containsExactly(7);
  }

  @Test
  void instancesThatWereSetAsideMayBeListed() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator("gone", ctx -> ctx.waitForExternalEvent("go").await())
                    .orchestrator("there", ctx -> ctx.waitForExternalEvent("go").await()));
    String gone = hub.start("gone");
    String there = hub.start("there");

    hub.restartProgram(f -> f.orchestrator("there", ctx -> ctx.waitForExternalEvent("go").await()));
    hub.client().raiseEvent(gone, "go");
    hub.until("it is set aside", () -> hub.status(gone).problem() != null);

    InstanceQuery setAside = InstanceQuery.ALL.withSetAsideOnly();
    assertThat(hub.client().query(setAside).instances())
        .singleElement()
        .satisfies(one -> assertThat(one.instanceId()).isEqualTo(gone))
        .satisfies(one -> assertThat(one.problem()).isNotNull());
    assertThat(hub.client().query(InstanceQuery.ALL).instances()).hasSize(2);
    assertThat(hub.status(there).problem()).isNull();
  }
}
