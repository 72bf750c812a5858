package dev.perdure.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntitySignal;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.testing.LivenessAudit;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DemoTest {
  private static final Pace FAST = new Pace(0.02);

  private final StringWriter told = new StringWriter();

  @Test
  void allFiveStoriesAreToldToTheirEnd() throws Exception {
    Demo demo = demo(null);
    try (Perdure perdure = demo.register(Perdure.inMemory()).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertThat(demo.tell(perdure.client())).isTrue();

      for (String story :
          new String[] {"chaining", "fan-out", "monitor", "approval", "aggregator"}) {
        assertThat(perdure.client().status("demo-1-" + story).orElseThrow().status())
            .isEqualTo(OrchestrationStatus.COMPLETED);
      }
    }
    assertThat(told.toString())
        .contains("1 of 5  Function chaining", "order delivered to the carrier as TRACK")
        .contains("words in Moby-Dick", "different words", "most often 'of'")
        .contains("J-40  100 %", "last custom status: 'import of 40,000 rows: 100 %'")
        .contains("no answer from Ann, on to Bob", "approved by Bob")
        .contains("garden     59 l  =>  426 l in all", "426 l from 12 readings")
        .contains("bill for 426 l sent to 17 Mill Lane")
        .contains("All five stories have ended.")
        .doesNotContain("unfinished run");
  }

  @Test
  void aFinishedRunIsFollowedByAFreshOne() throws Exception {
    Demo demo = demo(null);
    try (Perdure perdure = demo.register(Perdure.inMemory()).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      demo.tell(perdure.client());
      demo.tell(perdure.client());

      assertThat(perdure.client().status("demo-2-aggregator")).isPresent();
    }
    assertThat(told.toString()).doesNotContain("unfinished run");
  }

  @Test
  void anUnfinishedRunIsCarriedOnAndWhatHasEndedIsNotDoneAgain() throws Exception {
    Demo demo = demo(null);
    try (Perdure perdure = demo.register(Perdure.inMemory()).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      Chaining.Order order = new Chaining.Order("Grace", "Assam", 1, 900);
      client.startNew("demoOrder", order, StartOptions.id("demo-7-chaining"));
      client.waitForCompletion("demo-7-chaining", Duration.ofSeconds(30));
      FanOut fanOut = new FanOut(narrator(), FAST);
      client.startNew(fanOut.orchestrator(), fanOut.input(), StartOptions.id("demo-7-fan-out"));

      assertThat(demo.tell(client)).isTrue();

      assertThat(client.status("demo-7-approval")).isPresent();
      assertThat(client.status("demo-1-chaining")).isEmpty();
    }
    assertThat(told.toString())
        .contains("Found an unfinished run (number 7) from ")
        .contains("had ended before the interruption")
        .containsOnlyOnce("parcel for Grace handed over");
  }

  @Test
  void metersGoOnWhereTheyWereAndNoReadingCountsTwice() throws Exception {
    Demo demo = demo(null);
    Perdure.Builder hub =
        demo.register(Perdure.inMemory())
            .orchestrator(
                "readTotals",
                String.class,
                (ctx, key) -> ctx.callEntity(Aggregator.house(key), "totals").await());
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      client.startNew("demoAggregator", "a house", StartOptions.id("demo-7-aggregator"));
      EntityId house = Aggregator.house("demo-7-aggregator");
      Aggregator.Reading first = new Aggregator.Reading("kitchen", 1, 12);
      client.signalEntities(
          List.of(
              EntitySignal.of(house, "report", first),
              EntitySignal.of(house, "report", first),
              EntitySignal.of(house, "report", new Aggregator.Reading("bathroom", 1, 25))));
      client.startNew("readTotals", "demo-7-aggregator", StartOptions.id("read"));
      client.waitForCompletion("read", Duration.ofSeconds(30));

      assertThat(demo.tell(client)).isTrue();
    }
    assertThat(told.toString())
        .contains("the entity has 2 of 12 readings")
        .containsOnlyOnce("kitchen    12 l")
        .contains("bill for 426 l sent to a house");
  }

  @Test
  void whoeverIsAskedDecides() throws Exception {
    Demo demo = demo(question -> Optional.of(false));
    try (Perdure perdure = demo.register(Perdure.inMemory()).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertThat(demo.tell(perdure.client())).isTrue();
    }
    assertThat(told.toString())
        .contains("rejected by you: \"said at the console\"", "turned down")
        .doesNotContain("Bob");
  }

  private Demo demo(Function<String, Optional<Boolean>> approver) {
    return new Demo(narrator(), FAST, approver);
  }

  private Narrator narrator() {
    return new Narrator(new PrintWriter(told, true), false, Clock.systemUTC());
  }
}
