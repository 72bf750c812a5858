package dev.perdure.examples.entities.counter;

import dev.perdure.Perdure;
import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.TaskFailedException;
import dev.perdure.examples.entities.Ask;
import dev.perdure.examples.entities.Console;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Counts visitors: signals from many threads, calls from an orchestration. */
public final class CounterExample {
  private static final int DOORS = 8;
  private static final int VISITORS_PER_DOOR = 1_000;

  /** Registers what the example needs. */
  static Perdure.Builder register(Perdure.Builder hub) {
    return hub.register(Counter.class).register(new CounterExample());
  }

  /** Reads a counter. Whatever was acknowledged before this was started is in the answer. */
  @Orchestrator
  Integer countOf(OrchestrationContext ctx, String key) {
    return ctx.callEntity(EntityId.of(Counter.class, key), Counter::get).await();
  }

  /** Adds one, so many times, and tells what the counter said last. */
  @Orchestrator
  Integer addOneByOne(OrchestrationContext ctx, Addition addition) {
    EntityId counter = EntityId.of(Counter.class, addition.key());
    int value = 0;
    for (int i = 0; i < addition.times(); i++) {
      value = ctx.callEntity(counter, Counter::add, 1).await();
    }
    return value;
  }

  /** What to add to, and how often. */
  record Addition(String key, int times) {}

  /** Takes away; tells why if that is not possible. */
  @Orchestrator
  String takeFrom(OrchestrationContext ctx, Removal removal) {
    try {
      ctx.callEntity(EntityId.of(Counter.class, removal.key()), Counter::take, removal.n()).await();
      return "done";
    } catch (TaskFailedException e) {
      return "refused: " + e.details().message();
    }
  }

  /** What to take away from, and how much. */
  record Removal(String key, int n) {}

  /** Runs the example, in memory. */
  public static int run(Console out) throws InterruptedException {
    try (Perdure perdure = register(Perdure.inMemory()).start()) {
      PerdureClient client = perdure.client();
      EntityId visitors = EntityId.of(Counter.class, "visitors");

      out.say("%d doors signal %s, %,d times each.", DOORS, visitors, VISITORS_PER_DOOR);
      signalFromManyThreads(client, visitors, DOORS, VISITORS_PER_DOOR);
      int counted = Ask.of(client, "countOf", visitors.key(), Integer.class);
      out.say("An orchestration calls it and gets %,d.", counted);

      int more = Ask.of(client, "addOneByOne", new Addition(visitors.key(), 10), Integer.class);
      out.say("It adds 10 more, one call after the other: %,d.", more);

      String taken = Ask.of(client, "takeFrom", new Removal(visitors.key(), 9_000), String.class);
      int left = Ask.of(client, "countOf", visitors.key(), Integer.class);
      out.say("Taking 9,000 away is %s. It is still %,d.", taken, left);

      client.signalEntity(visitors, "delete");
      int anew = Ask.of(client, "addOneByOne", new Addition(visitors.key(), 1), Integer.class);
      out.say("It is deleted, and the next visitor finds a new one: %,d.", anew);
      return counted == DOORS * VISITORS_PER_DOOR && left == counted + 10 && anew == 1 ? 0 : 1;
    }
  }

  /** Adds one from several threads at once; returns when all of it is durable. */
  static void signalFromManyThreads(PerdureClient client, EntityId counter, int threads, int times)
      throws InterruptedException {
    try (ExecutorService doors = Executors.newFixedThreadPool(threads)) {
      for (int door = 0; door < threads; door++) {
        doors.execute(
            () -> {
              for (int i = 0; i < times; i++) {
                client.signalEntity(counter, "add", 1);
              }
            });
      }
    }
  }
}
