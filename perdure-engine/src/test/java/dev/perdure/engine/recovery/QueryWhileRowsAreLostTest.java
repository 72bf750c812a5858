package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.AuditReport;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.ForwardingStore;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whoever asks what there is while the store loses rows hears of everything, or is told to wait.
 */
@Timeout(30)
class QueryWhileRowsAreLostTest {
  /** Loses rows that were about to be read; then the partition may recover before they are. */
  private static final class LosingStore extends ForwardingStore {
    private final MemoryStore memory;
    private volatile boolean loses;
    private volatile boolean waits;
    private volatile CountDownLatch acquired = new CountDownLatch(0);

    LosingStore(MemoryStore memory) {
      super(memory);
      this.memory = memory;
    }

    void loseNext(boolean recoversFirst) {
      waits = recoversFirst;
      loses = true;
    }

    @Override
    public long acquire(int partition, String owner) {
      long epoch = super.acquire(partition, owner);
      acquired.countDown();
      return epoch;
    }

    @Override
    public InstancePage query(
        InstanceFilter filter, int limit, @Nullable String continuationToken) {
      if (loses) {
        loses = false;
        acquired = new CountDownLatch(1);
        memory.loseRows(0);
        if (waits) {
          await(acquired);
        }
      }
      return super.query(filter, limit, continuationToken);
    }

    private static void await(CountDownLatch latch) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private final LosingStore store = new LosingStore(MemoryStore.open(new MemoryDisk(), 1));
  private final Engine engine =
      Engine.start(
          store,
          FunctionRegistry.builder()
              .orchestrator("o", Integer.class, (ctx, n) -> n)
              .orchestrator("waits", ctx -> ctx.waitForExternalEvent("go", String.class).await())
              .entity(
                  "e",
                  ctx -> {
                    ctx.setState(1);
                    return null;
                  })
              .build(),
          new JacksonDataConverter(),
          EngineOptions.DEFAULTS);
  private final PerdureClient client = engine.client();

  @AfterEach
  void close() {
    engine.close();
    store.close();
  }

  private <T> T persistently(Function<PerdureClient, T> request) {
    while (true) {
      try {
        return request.apply(client);
      } catch (HubClosedException recovers) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void orchestrationsAreFoundWheneverRowsAreLost() {
    client.startNew("o", 1, StartOptions.id("a"));
    for (boolean recoversFirst : List.of(false, true)) {
      store.loseNext(recoversFirst);
      assertThat(persistently(c -> c.query(InstanceQuery.ALL)).instances()).hasSize(1);
    }
  }

  @Test
  void entitiesAreFoundWheneverRowsAreLost() {
    client.signalEntity(EntityId.of("e", "a"), "set");
    for (boolean recoversFirst : List.of(false, true)) {
      store.loseNext(recoversFirst);
      assertThat(persistently(c -> c.queryEntities(EntityQuery.ALL.withStatelessToo())).entities())
          .hasSize(1);
    }
  }

  @Test
  void anAuditLooksAtEverythingWheneverRowsAreLost() {
    client.startNew("waits", null, StartOptions.id("a"));
    for (boolean recoversFirst : List.of(false, true)) {
      store.loseNext(recoversFirst);
      AuditReport report = persistently(PerdureClient::audit);
      assertThat(report.isClean()).isTrue();
      assertThat(report.orchestrations()).isEqualTo(1);
    }
  }

  @Test
  void whatIsPurgedByFilterIsPurgedWheneverRowsAreLost() {
    for (boolean recoversFirst : List.of(false, true)) {
      client.startNew("o", 1, StartOptions.id("a"));
      persistently(c -> c.waitForCompletion("a", Duration.ofSeconds(20)));
      store.loseNext(recoversFirst);
      long purged = persistently(c -> c.purge(PurgeFilter.ALL_ENDED));
      assertThat(purged).isEqualTo(1);
    }
  }
}
