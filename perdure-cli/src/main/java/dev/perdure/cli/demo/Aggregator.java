package dev.perdure.cli.demo;

import dev.perdure.api.Activity;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityOperationNotFoundException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.PerdureClient;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An aggregator: an entity adds up what many report, and an orchestration asks it for the sum. */
final class Aggregator implements Story {
  private static final List<String> METERS = List.of("kitchen", "bathroom", "garden");
  private static final int REPORTS_EACH = 4;
  private static final String HOUSE = "demoHouse";
  private static final String EVENING = "evening";

  private final Narrator narrator;
  private final Pace pace;

  Aggregator(Narrator narrator, Pace pace) {
    this.narrator = narrator;
    this.pace = pace;
  }

  /** What a water meter reports: its number tells a reading from the same one sent again. */
  record Reading(String meter, int number, int litres) {}

  /** What it adds up to. */
  record Totals(Map<String, Integer> lastNumbers, int litres) {
    static final Totals NONE = new Totals(Map.of(), 0);

    int readings() {
      return lastNumbers.values().stream().mapToInt(number -> number).sum();
    }

    boolean has(Reading reading) {
      return reading.number() <= lastNumbers.getOrDefault(reading.meter(), 0);
    }

    Totals with(Reading reading) {
      Map<String, Integer> numbers = new TreeMap<>(lastNumbers);
      numbers.put(reading.meter(), reading.number());
      return new Totals(numbers, litres + reading.litres());
    }
  }

  @Override
  public String key() {
    return "aggregator";
  }

  @Override
  public String title() {
    return "Aggregator (entity)";
  }

  @Override
  public String explanation() {
    return "Water meters report to an entity, which adds up. In the evening the sum is asked for.";
  }

  @Override
  public String orchestrator() {
    return "demoAggregator";
  }

  @Override
  public Object input() {
    return "17 Mill Lane";
  }

  @Override
  public String outcome(OrchestrationMetadata end) {
    return String.valueOf(end.output(String.class));
  }

  @Orchestrator(name = "demoAggregator")
  String bill(OrchestrationContext ctx, String address) {
    ctx.waitForExternalEvent(EVENING).await();
    // What was signaled before the event was raised has come before this call.
    Totals totals = ctx.callEntity(house(ctx.instanceId()), "totals", Totals.class).await();
    String bill = ctx.call(Aggregator::writeBill, Objects.requireNonNull(totals)).await();
    return bill + " to " + address;
  }

  /** The entity: called for each operation, one at a time. */
  @Entity(name = HOUSE)
  @Nullable Object house(EntityContext ctx) {
    Totals totals = Objects.requireNonNullElse(ctx.state(Totals.class), Totals.NONE);
    return switch (ctx.operation()) {
      case "report" -> {
        Reading reading = Objects.requireNonNull(ctx.input(Reading.class));
        if (!totals.has(reading)) {
          Totals next = totals.with(reading);
          ctx.setState(next);
          narrator.done(
              "report",
              "%-9s %3d l  =>  %3d l in all"
                  .formatted(reading.meter(), reading.litres(), next.litres()));
        }
        yield null;
      }
      case "totals" -> totals;
      default ->
          throw new EntityOperationNotFoundException(
              "%s has no operation '%s'".formatted(ctx.id(), ctx.operation()));
    };
  }

  @Activity
  String writeBill(Totals totals) throws InterruptedException {
    pace.work(0.5);
    narrator.done(
        "writeBill", "%d l from %d readings".formatted(totals.litres(), totals.readings()));
    return "bill for %d l sent".formatted(totals.litres());
  }

  // ---- the world outside --------------------------------------------------------------------

  @Override
  public void accompany(PerdureClient client, String instanceId) throws InterruptedException {
    EntityId house = house(instanceId);
    Totals known = totals(client, house);
    if (known.readings() > 0) {
      narrator.note(
          "but the entity has %d of %d readings; the meters go on from there"
              .formatted(known.readings(), METERS.size() * REPORTS_EACH));
    }
    for (int number = 1; number <= REPORTS_EACH; number++) {
      for (int meter = 0; meter < METERS.size(); meter++) {
        Reading reading = new Reading(METERS.get(meter), number, 7 * number + 13 * meter + 5);
        if (!known.has(reading)) {
          client.signalEntity(house, "report", reading);
          Thread.sleep(pace.of(0.25));
        }
      }
    }
    try {
      client.raiseEvent(instanceId, EVENING);
    } catch (InvalidInstanceStateException e) {
      // it had been evening before the interruption
    }
  }

  private static Totals totals(PerdureClient client, EntityId house) {
    return client.getEntity(house).map(known -> known.state(Totals.class)).orElse(Totals.NONE);
  }

  /** Each run of the demo has a house of its own. */
  static EntityId house(String instanceId) {
    return EntityId.of(HOUSE, instanceId);
  }
}
