package dev.perdure.bench.workloads;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.util.Objects;

/** The entity that workloads send operations to: it adds up. */
final class Counter {
  static final String NAME = "counter";

  long value;

  void add(long n) {
    value += n;
  }

  long get() {
    return value;
  }

  /** One of many. */
  static EntityId number(int i) {
    return EntityId.of(NAME, Integer.toString(i));
  }

  /** Waits until no operation of any counter waits, and gives the sum of all of them. */
  static long sumWhenAtRest(PerdureClient client) throws InterruptedException {
    StopWatch watch = StopWatch.start();
    while (true) {
      long sum = 0;
      long waiting = 0;
      EntityQuery query =
          EntityQuery.ALL.withName(NAME).withStatelessToo().withStates().withPageSize(10_000);
      do {
        EntityQuery.Page page = client.queryEntities(query);
        for (EntityMetadata entity : page.entities()) {
          waiting += entity.operationsWaiting();
          if (entity.hasState()) {
            sum += Objects.requireNonNull(entity.state(Counter.class)).value;
          }
        }
        query = query.withContinuationToken(page.continuationToken());
      } while (query.continuationToken() != null);
      if (waiting == 0) {
        return sum;
      }
      WorkloadFailedException.unless(
          watch.nanos() < Clients.PATIENCE.toNanos(), "%d operations still wait.", waiting);
      Thread.sleep(20);
    }
  }
}
