package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.testing.LivenessAudit;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has been acknowledged is seen by whoever asks next, whatever else goes on. */
class QueryConsistencyTest {
  @TempDir Path temporary;

  private final AtomicBoolean enough = new AtomicBoolean();
  private final CountDownLatch busy = new CountDownLatch(100);
  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private Perdure perdure;
  private PerdureClient client;
  private Thread others;

  @BeforeEach
  void openAHubInWhichOtherThingsGoOn() throws Exception {
    perdure =
        Perdure.embedded(temporary.resolve("hub"))
            .storeOptions(Hubs::small)
            .register(new Cities())
            .orchestrator("wait", ctx -> ctx.waitForExternalEvent("go", String.class).await())
            .orchestrator(
                "fail",
                ctx -> {
                  throw new IllegalStateException("as asked");
                })
            .start();
    client = perdure.client();
    others =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    for (int i = 0; !enough.get(); i++) {
                      String id = "other-" + i;
                      client.startNew("helloCities", null, StartOptions.id(id));
                      Hubs.completed(client, id);
                      busy.countDown();
                    }
                  } catch (RuntimeException | Error e) {
                    failures.add(e);
                  }
                });
    Hubs.await(busy);
  }

  @AfterEach
  void close() throws Exception {
    enough.set(true);
    assertThat(others.join(Hubs.PATIENCE)).isTrue();
    try (Perdure closed = perdure) {
      LivenessAudit.check(client);
    }
    assertThat(failures).isEmpty();
  }

  private List<String> ids(InstanceQuery query) {
    return List.copyOf(LoadAudit.all(client, query).keySet());
  }

  private void assertSeen(String id, OrchestrationStatus status) {
    assertThat(client.status(id, false)).map(OrchestrationMetadata::status).contains(status);
    InstanceQuery exactly = InstanceQuery.ALL.withIdPrefix(id);
    assertThat(ids(exactly)).containsExactly(id);
    for (OrchestrationStatus each : OrchestrationStatus.values()) {
      assertThat(ids(exactly.withStatuses(each)))
          .as("%s, asked for %s", id, each)
          .isEqualTo(each == status ? List.of(id) : List.of());
    }
  }

  @Test
  void everyChangeIsSeenAtOnce() {
    for (int i = 0; i < 20; i++) {
      String id = "mine-" + (char) ('a' + i);
      Instant before = Instant.now().minusMillis(1);
      client.startNew("wait", i, StartOptions.id(id).withTags(Map.of("number", "" + i)));
      assertThat(ids(InstanceQuery.ALL.withName("wait"))).hasSize(i + 1).contains(id);
      assertThat(ids(InstanceQuery.ALL.withTags(Map.of("number", "" + i)))).containsExactly(id);
      assertThat(ids(InstanceQuery.ALL.withName("wait").withCreated(before, null))).contains(id);
      client.waitForStart(id, Hubs.PATIENCE);
      assertSeen(id, OrchestrationStatus.RUNNING);
      client.suspend(id, "a moment");
      assertSeen(id, OrchestrationStatus.SUSPENDED);
      client.resume(id, "go on");
      assertSeen(id, OrchestrationStatus.RUNNING);
      if (i % 2 == 0) {
        client.raiseEvent(id, "go", "gone");
        Hubs.completed(client, id);
        assertSeen(id, OrchestrationStatus.COMPLETED);
      } else {
        client.terminate(id, "enough");
        assertSeen(id, OrchestrationStatus.TERMINATED);
      }
      assertThat(ids(InstanceQuery.ALL.withName("wait").withCompleted(before, null))).contains(id);
    }
  }

  @Test
  void aFailureIsSeenAndAPurgedInstanceIsNot() {
    client.startNew("fail", null, StartOptions.id("failing"));
    client.waitForCompletion("failing", Hubs.PATIENCE);
    assertSeen("failing", OrchestrationStatus.FAILED);
    assertThat(client.purge("failing")).isTrue();
    assertThat(client.status("failing")).isEmpty();
    assertThat(ids(InstanceQuery.ALL.withIdPrefix("failing"))).isEmpty();
    client.startNew("fail", null, StartOptions.id("failing"));
    client.waitForCompletion("failing", Hubs.PATIENCE);
    PurgeFilter failed = PurgeFilter.ALL_ENDED.withStatuses(OrchestrationStatus.FAILED);
    assertThat(client.purge(failed)).isEqualTo(1);
    assertThat(client.status("failing")).isEmpty();
    assertThat(ids(InstanceQuery.ALL.withStatuses(OrchestrationStatus.FAILED))).isEmpty();
  }

  @Test
  void payloadsAreThereIfAskedFor() {
    client.startNew("wait", "the input", StartOptions.id("mine"));
    client.raiseEvent("mine", "go", "the output");
    Hubs.completed(client, "mine");
    InstanceQuery mine = InstanceQuery.ALL.withIdPrefix("mine");
    OrchestrationMetadata with = client.query(mine.withPayloads()).instances().getFirst();
    assertThat(with.input(String.class)).isEqualTo("the input");
    assertThat(with.output(String.class)).isEqualTo("the output");
    OrchestrationMetadata without = client.query(mine).instances().getFirst();
    assertThat(without.serializedInput()).isNull();
    assertThat(without.serializedOutput()).isNull();
  }

  @Test
  void pagesHoldEveryInstanceOnceThoughOthersComeAndGo() {
    Set<String> mine = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      mine.add(client.startNew("wait", null, StartOptions.id("mine-" + i)));
    }
    List<String> seen = new ArrayList<>();
    InstanceQuery query = InstanceQuery.ALL.withPageSize(7);
    do {
      InstanceQuery.Page page = client.query(query);
      assertThat(page.instances()).hasSizeLessThanOrEqualTo(7);
      page.instances().forEach(instance -> seen.add(instance.instanceId()));
      client.startNew("wait", null, StartOptions.id("new-" + seen.size()));
      query = query.withContinuationToken(page.continuationToken());
    } while (query.continuationToken() != null);
    assertThat(seen).doesNotHaveDuplicates().containsAll(mine);
  }
}
