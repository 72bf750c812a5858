package dev.perdure.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.ActivityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityOperations;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.engine.ActivityStart;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class CrashEverywhereTest {

  // ---- a bank: accounts are entities, and a transfer holds both locks ---------------------------

  record Transfer(String from, String to, int amount) {}

  private static EntityId account(String owner) {
    return EntityId.of("account", owner);
  }

  private static String transfer(OrchestrationContext ctx, Transfer t) {
    try (var section = ctx.lockEntities(account(t.from()), account(t.to())).await()) {
      int balance = ctx.callEntity(account(t.from()), "get", null, Integer.class).await();
      if (balance < t.amount()) {
        return "too little";
      }
      ctx.callEntity(account(t.from()), "add", -t.amount(), Integer.class).await();
      ctx.callEntity(account(t.to()), "add", t.amount(), Integer.class).await();
    }
    return ctx.callActivity("tell", t.to() + " got " + t.amount(), String.class).await();
  }

  private static TestHub.Builder bank(Mails mails) {
    return TestHub.builder()
        .entity(
            "account",
            EntityOperations.of(Integer.class, () -> 100)
                .operation("add", Integer.class, (balance, n) -> balance + n)
                .query("get", balance -> balance))
        .activity("tell", String.class, mails::send)
        .orchestrator("transfer", Transfer.class, CrashEverywhereTest::transfer);
  }

  /** A service that knows what it has seen. */
  static final class Mails {
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final List<String> sent = new ArrayList<>();

    synchronized String send(ActivityContext ctx, String text) {
      if (seen.add(ctx.idempotencyKey())) {
        sent.add(text);
      }
      return "told";
    }
  }

  @ParameterizedTest
  @EnumSource(ActivityStart.class)
  void aTransferUnderALockMovesTheMoneyOnceWhereverTheHostIsKilled(ActivityStart start) {
    CrashReport report =
        CrashEverywhere.with(Mails::new)
            .program(mails -> bank(mails).partitions(3).options(o -> o.withActivityStart(start)))
            .scenario(
                (hub, mails) -> {
                  String first = hub.client().startNew("transfer", new Transfer("ada", "bob", 70));
                  String second = hub.client().startNew("transfer", new Transfer("bob", "ada", 30));
                  var outcome = new TreeMap<String, Object>();
                  outcome.put("first", hub.output(first, String.class));
                  outcome.put("second", hub.output(second, String.class));
                  outcome.put("ada", hub.entityState(account("ada"), Integer.class));
                  outcome.put("bob", hub.entityState(account("bob"), Integer.class));
                  outcome.put("mails", mails.sent.stream().sorted().toList());
                  return outcome;
                })
            .run();
    assertThat(report.outcome())
        .isEqualTo(
            "{\"ada\":60,\"bob\":140,\"first\":\"told\",\"mails\":[\"ada got 30\",\"bob got"
                + " 70\"],\"second\":\"told\"}");
    assertThat(report.commits()).isGreaterThan(8);
    assertThat(report.crashes()).isGreaterThan(report.commits());
    assertThat(report.repeatedActivities()).containsExactly("tell");
  }

  // ---- a fan-out --------------------------------------------------------------------------------

  private static TestHub.Builder fanOut() {
    return TestHub.builder()
        .activity("square", Integer.class, n -> n * n)
        .orchestrator(
            "sum",
            Integer.class,
            (ctx, count) -> {
              List<Task<Integer>> squares = new ArrayList<>();
              for (int i = 1; i <= count; i++) {
                squares.add(ctx.callActivity("square", i, Integer.class));
              }
              return ctx.allOf(squares).await().stream().mapToInt(Integer::intValue).sum();
            });
  }

  @Test
  void aFanOutGathersTheSameAndTheReportSaysWhatRanTwice() {
    CrashReport report =
        CrashEverywhere.withoutWorld()
            .program(none -> fanOut())
            .scenario((hub, none) -> hub.run("sum", 10, Integer.class))
            .run();
    System.out.println(report);
    assertThat(report.outcome()).isEqualTo("385");
    assertThat(report.repeatedActivities()).containsExactly("square");
    assertThat(report.toString())
        .contains(
            "The outcome was the same every time: 385",
            "'square', up to ",
            "killed with the result of activity run 1 ");
    assertThat(report.repeated().getFirst().places())
        .anyMatch(place -> place.toString().matches(".* \\d+ \\(after 'square' had run\\)"));
  }

  @Test
  void whereThereAreTooManyCommitsASampleIsTried() {
    CrashReport report =
        CrashEverywhere.withoutWorld()
            .program(
                none ->
                    TestHub.builder()
                        .activity("next", Integer.class, n -> n + 1)
                        .orchestrator(
                            "count",
                            ctx -> {
                              int n = 0;
                              while (n < 30) {
                                n = ctx.callActivity("next", n, Integer.class).await();
                              }
                              return n;
                            }))
            .scenario((hub, none) -> hub.run("count", null, Integer.class))
            .pointsMax(5)
            .seed(7)
            .run();
    assertThat(report.sampled()).isTrue();
    assertThat(report.crashes()).isBetween(8, 15);
    assertThat(report.toString()).contains("a sample was tried (seed 7)");
  }

  @Test
  void aStartWhoseAnswerGotLostIsDoneOnce() {
    CrashReport report =
        CrashEverywhere.withoutWorld()
            .program(none -> fanOut().options(o -> o.withActivityStart(ActivityStart.STRICT)))
            .scenario(
                (hub, none) -> {
                  hub.client().startNew("sum", 1);
                  hub.client().startNew("sum", 1, StartOptions.id("chosen"));
                  hub.runUntilIdle();
                  return List.of(
                      hub.client().query(InstanceQuery.ALL).instances().size(),
                      hub.calls("square").stream()
                          .map(ActivityCall::idempotencyKey)
                          .distinct()
                          .count());
                })
            .run();
    assertThat(report.outcome()).isEqualTo("[2,2]");
  }

  @Test
  void aRestartWhoseAnswerGotLostIsDoneOnce() {
    CrashReport report =
        CrashEverywhere.withoutWorld()
            .program(none -> fanOut())
            .scenario(
                (hub, none) -> {
                  String id = hub.client().startNew("sum", 1, StartOptions.id("chosen"));
                  hub.await(id);
                  String same = hub.client().restart(id, false);
                  hub.await(same);
                  String other = hub.client().restart(id, true);
                  hub.await(other);
                  return List.of(
                      same,
                      other.equals(id),
                      hub.client().query(InstanceQuery.ALL).instances().size());
                })
            .run();
    assertThat(report.outcome()).isEqualTo("[\"chosen\",false,2]");
  }

  @Test
  void aPurgeWhoseAnswerGotLostSaysWhatItHasRemoved() {
    CrashReport report =
        CrashEverywhere.withoutWorld()
            .program(
                none ->
                    fanOut()
                        .orchestrator(
                            "parent",
                            ctx -> ctx.callSubOrchestrator("sum", 1, Integer.class).await()))
            .scenario(
                (hub, none) -> {
                  hub.await(hub.client().startNew("sum", 1, StartOptions.id("one")));
                  hub.await(hub.client().startNew("parent", null, StartOptions.id("family")));
                  hub.await(hub.client().startNew("sum", 1, StartOptions.id("by-filter")));
                  return List.of(
                      hub.client().purge("one"),
                      hub.client().purge("one"),
                      hub.client().purge("family", true),
                      hub.client().purge(PurgeFilter.ALL_ENDED));
                })
            .run();
    assertThat(report.outcome()).isEqualTo("[true,false,2,1]");
  }

  // ---- what is found ----------------------------------------------------------------------------

  @Test
  void anOutcomeThatDependsOnAnActivityThatCannotBeRepeatedIsFound() {
    assertThatThrownBy(
            () ->
                CrashEverywhere.with(AtomicInteger::new)
                    .program(
                        tickets ->
                            TestHub.builder()
                                .activity("draw", tickets::incrementAndGet)
                                .orchestrator(
                                    "raffle",
                                    ctx -> ctx.callActivity("draw", null, Integer.class).await()))
                    .scenario((hub, tickets) -> hub.run("raffle", null, Integer.class))
                    .run())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Not everything is the same when the host is killed")
        .hasMessageContaining("after 'draw' had run")
        .hasMessageContaining("the outcome was 2 instead of 1");
  }

  @Test
  void whatIsKeptInTheMemoryOfAHostDiesWithIt() {
    assertThatThrownBy(
            () ->
                CrashEverywhere.withoutWorld()
                    .program(
                        none -> {
                          List<String> memory = new ArrayList<>();
                          return TestHub.builder()
                              .activity("keep", String.class, text -> memory.add(text))
                              .activity("count", memory::size)
                              .orchestrator(
                                  "forgetful",
                                  ctx -> {
                                    ctx.callActivity("keep", "a", Boolean.class).await();
                                    return ctx.callActivity("count", null, Integer.class).await();
                                  });
                        })
                    .scenario((hub, none) -> hub.run("forgetful", null, Integer.class))
                    .run())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the outcome was 0 instead of 1");
  }

  @Test
  void aScenarioThatFailsByItselfIsNotBlamedOnACrash() {
    assertThatThrownBy(
            () ->
                CrashEverywhere.withoutWorld()
                    .program(none -> fanOut())
                    .scenario((hub, none) -> hub.await("nobody"))
                    .run())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("although nobody was killed")
        .hasMessageContaining("There is no instance 'nobody'");
  }
}
