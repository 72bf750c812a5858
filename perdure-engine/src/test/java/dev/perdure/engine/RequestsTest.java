package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.EntityId;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.api.TaskOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestsTest extends Scenarios {
  private TestHub standardHub() {
    return hub(
        f ->
            f.orchestrator("echo", Object.class, (ctx, x) -> x)
                .orchestrator(
                    "wait",
                    String.class,
                    (ctx, x) -> ctx.waitForExternalEvent("go", String.class).await())
                .orchestrator(
                    "family",
                    Integer.class,
                    (ctx, depth) ->
                        depth == 0
                            ? ctx.waitForExternalEvent("go", String.class).await()
                            : ctx.callSubOrchestrator(
                                    "family",
                                    depth - 1,
                                    TaskOptions.NONE.withInstanceId("depth-" + (depth - 1)),
                                    String.class)
                                .await()));
  }

  private static OrchestrationMetadata get(CompletableFuture<OrchestrationMetadata> reply)
      throws Exception {
    return reply.get(TestHub.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void payloadsTravelUnchanged() throws Exception {
    TestHub hub = standardHub();
    Requests requests = hub.engine().requests();
    for (Payload input : List.of(Payload.of("{ \"a\" : 1 }"), Payload.EMPTY, Payload.of("null"))) {
      String id = requests.start("nobody", input, StartOptions.DEFAULT);
      assertThat(hub.status(id).serializedInput()).isEqualTo(input);
    }
    String none = requests.start("nobody", null, StartOptions.DEFAULT);
    assertThat(hub.status(none).serializedInput()).isNull();

    hub.client().startNew("wait", null, StartOptions.id("w"));
    hub.client().raiseEvent("w", "go", Payload.of(" \"hello\" "));
    assertThat(get(requests.await("w", true)).output(String.class)).isEqualTo("hello");
  }

  @Test
  void whatNoFunctionCanBeCalledIsNotStarted() {
    TestHub hub = standardHub();
    Requests requests = hub.engine().requests();
    for (String name : List.of("", " \t", "ec\u0007ho")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> requests.start(name, null, StartOptions.DEFAULT))
          .withMessageContaining("The name of the function ")
          .withMessageNotContaining("\u0007");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> requests.startIfRoom(name, null, StartOptions.DEFAULT));
    }
    assertThat(hub.client().query(InstanceQuery.ALL).instances()).isEmpty();
  }

  @Test
  void whatIsNotThereYetIsWaitedFor() throws Exception {
    TestHub hub = standardHub();
    Requests requests = hub.engine().requests();
    CompletableFuture<OrchestrationMetadata> begin = requests.await("later", false);
    CompletableFuture<OrchestrationMetadata> end = requests.await("later", true);
    hub.engine().whenAtRest().join();
    assertThat(begin).isNotDone();
    hub.client().startNew("wait", null, StartOptions.id("later"));
    assertThat(get(begin).status()).isEqualTo(OrchestrationStatus.RUNNING);
    assertThat(end).isNotDone();
    hub.client().raiseEvent("later", "go", "done");
    assertThat(get(end).status()).isEqualTo(OrchestrationStatus.COMPLETED);
  }

  @Test
  void aReplacedInstanceIsWaitedOnForItsSuccessor() throws Exception {
    TestHub hub = standardHub();
    Requests requests = hub.engine().requests();
    hub.start("wait", null, StartOptions.id("w"));
    CompletableFuture<OrchestrationMetadata> end = requests.await("w", true);
    hub.client()
        .startNew(
            "wait", null, StartOptions.id("w").withIdReuse(StartOptions.IdReusePolicy.REPLACE));
    hub.engine().whenAtRest().join();
    assertThat(end).isNotDone();
    hub.client().raiseEvent("w", "go", "second");
    assertThat(get(end).output(String.class)).isEqualTo("second");
  }

  @Test
  void aSuspendedInstanceHasBegun() throws Exception {
    TestHub hub = standardHub();
    Requests requests = hub.engine().requests();
    hub.client()
        .startNew("wait", null, StartOptions.id("w").withScheduledStart(hub.now().plusSeconds(60)));
    CompletableFuture<OrchestrationMetadata> begin = requests.await("w", false);
    hub.client().suspend("w", null);
    assertThat(get(begin).status()).isEqualTo(OrchestrationStatus.SUSPENDED);
  }

  @Test
  void closingEndsTheWait() {
    TestHub hub = standardHub();
    CompletableFuture<OrchestrationMetadata> end = hub.engine().requests().await("never", true);
    hub.close();
    assertThatThrownBy(() -> get(end))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(HubClosedException.class);
  }

  @Test
  void terminatingAFamilyEndsAllOfIt() throws Exception {
    TestHub hub = standardHub();
    Requests requests = hub.engine().requests();
    hub.start("family", 3, StartOptions.id("top"));
    hub.engine().whenAtRest().join();
    requests.terminate("top", Payload.of("\"enough\""), true);
    for (String id : List.of("top", "depth-2", "depth-1", "depth-0")) {
      assertThat(hub.status(id).status()).as(id).isEqualTo(OrchestrationStatus.TERMINATED);
      assertThat(hub.status(id).serializedOutput()).isEqualTo(Payload.of("\"enough\""));
    }
    assertThat(hub.client().purge("top", true)).isEqualTo(4);
    assertThatThrownBy(() -> requests.restart("top", false, IdReusePolicy.REPLACE))
        .hasMessageContaining("PD-1006");
  }

  @Test
  void onlyWhatHasEndedIsRestartedUnderItsOwnId() throws Exception {
    TestHub hub = standardHub();
    Requests requests = hub.engine().requests();
    hub.start("wait", "x", StartOptions.id("w"));
    assertThatThrownBy(() -> requests.restart("w", false, IdReusePolicy.ERROR))
        .isInstanceOf(InvalidInstanceStateException.class);
    String other = requests.restart("w", true, IdReusePolicy.ERROR);
    assertThat(other).isNotEqualTo("w");
    assertThat(hub.status(other).input(String.class)).isEqualTo("x");
    requests.terminate("w", null, false);
    assertThat(requests.restart("w", false, IdReusePolicy.ERROR)).isEqualTo("w");
    assertThat(hub.status("w").isTerminal()).isFalse();
  }

  @Test
  void whatGoesOnIsRestartedUnderItsOwnIdIfItMayBeReplaced() {
    TestHub hub = standardHub();
    hub.start("wait", "x", StartOptions.id("w"));
    String first = hub.status("w").executionId();
    assertThat(hub.engine().requests().restart("w", false, IdReusePolicy.REPLACE)).isEqualTo("w");
    assertThat(hub.status("w").executionId()).isNotEqualTo(first);
    assertThat(hub.status("w").input(String.class)).isEqualTo("x");
    assertThat(hub.status("w").isTerminal()).isFalse();
  }

  @Test
  void pagesAreFullAndTheLastHasNoToken() {
    TestHub hub = standardHub();
    for (int i = 0; i < 21; i++) {
      hub.advance(Duration.ofSeconds(1));
      hub.start("wait", "x".repeat(1000), StartOptions.id("i" + i));
    }
    Requests requests = hub.engine().requests();
    assertThat(sizes(requests, InstanceQuery.ALL.withPageSize(5), Long.MAX_VALUE))
        .containsExactly(5, 5, 5, 5, 1);
    assertThat(sizes(requests, InstanceQuery.ALL.withPageSize(7), Long.MAX_VALUE))
        .containsExactly(7, 7, 7);
    assertThat(sizes(requests, InstanceQuery.ALL.withIdPrefix("i1").withPageSize(6), 1 << 20))
        .containsExactly(6, 5);
    assertThat(sizes(requests, InstanceQuery.ALL.withPayloads().withPageSize(20), 3_500))
        .as("cut by size")
        .hasSizeGreaterThan(6)
        .allMatch(size -> size >= 1 && size <= 3);
    assertThat(sizes(requests, InstanceQuery.ALL.withPayloads().withPageSize(20), 1)).hasSize(21);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> requests.query(InstanceQuery.ALL.withContinuationToken("no token"), 1 << 20));
    InstanceQuery.Page one = requests.query(InstanceQuery.ALL.withPageSize(1), 1 << 20);
    assertThat(one.instances().getFirst().executionId()).isNotEmpty();
    assertThat(one.instances().getFirst().serializedInput()).isNull();
  }

  private static final InstanceQuery ENDED =
      InstanceQuery.ALL.withStatuses(
          OrchestrationStatus.COMPLETED,
          OrchestrationStatus.FAILED,
          OrchestrationStatus.TERMINATED);

  private static List<String> ended(Requests requests, int pageSize, String... tokens) {
    List<String> ids = new ArrayList<>();
    String token = tokens.length == 0 ? null : tokens[0];
    do {
      Requests.Ids page = requests.ended(ENDED.withPageSize(pageSize).withContinuationToken(token));
      assertThat(page.ids().size()).isBetween(page.token() == null ? 0 : pageSize, pageSize);
      ids.addAll(page.ids());
      token = page.token();
    } while (token != null);
    return ids;
  }

  @Test
  void whatHasEndedIsListedInTheOrderOfItsEnd() {
    TestHub hub = standardHub();
    for (String id : List.of("a", "b", "c", "d", "e", "f")) {
      hub.advance(Duration.ofHours(2));
      hub.start("wait", null, StartOptions.id(id));
    }
    for (String id : List.of("d", "a", "f", "c")) {
      hub.advance(Duration.ofSeconds(1));
      hub.client().raiseEvent(id, "go", "x");
      hub.end(id);
    }
    hub.client().terminate("b", "at the same time"); // as c, so by id
    hub.end("b");
    Requests requests = hub.engine().requests();
    for (int size = 1; size <= 6; size++) {
      assertThat(ended(requests, size)).containsExactly("d", "a", "f", "b", "c");
    }
    assertThat(
            requests
                .ended(
                    ENDED.withCompleted(
                        hub.status("a").completedAt(), hub.status("c").completedAt()))
                .ids())
        .containsExactly("a", "f");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> requests.ended(ENDED.withContinuationToken("no token")))
        .withMessageContaining("continuation token 'no token'");
  }

  /** What was created first may end last: whoever goes on later must not miss it. */
  @Test
  void whoeverGoesOnFromATokenMissesNothing() {
    TestHub hub = standardHub();
    for (String id : List.of("a", "b", "c", "d")) {
      hub.start("wait", null, StartOptions.id(id));
    }
    Requests requests = hub.engine().requests();
    for (String id : List.of("d", "c", "b")) {
      hub.advance(Duration.ofSeconds(1));
      hub.client().raiseEvent(id, "go", "x");
      hub.end(id);
    }
    String afterD = requests.ended(ENDED.withPageSize(1)).token();
    hub.advance(Duration.ofSeconds(1));
    hub.client().raiseEvent("a", "go", "x");
    hub.end("a");
    assertThat(ended(requests, 1, afterD)).containsExactly("c", "b", "a");
    assertThat(ended(requests, 1, afterD)).as("asked again").containsExactly("c", "b", "a");
  }

  private static List<Integer> sizes(Requests requests, InstanceQuery query, long bytesMax) {
    List<Integer> sizes = new ArrayList<>();
    String token = null;
    do {
      InstanceQuery.Page page = requests.query(query.withContinuationToken(token), bytesMax);
      sizes.add(page.instances().size());
      token = page.continuationToken();
    } while (token != null);
    return sizes;
  }

  @Test
  void aPurgeStopsWhenItsTimeIsOver() {
    TestHub hub = standardHub();
    hub.end(hub.start("echo", "x", StartOptions.id("e")));
    Requests requests = hub.engine().requests();
    assertThat(requests.purge(PurgeFilter.ALL_ENDED, Duration.ofMinutes(1)))
        .isEqualTo(new Requests.Purged(1, true));
  }

  @Test
  void anEntityWhoseCodeIsElsewhereTakesSignals() {
    TestHub hub = standardHub();
    Requests requests = hub.engine().requests();
    requests.signalEntity(
        EntityId.of("elsewhere", "k"), "add", Payload.of("1"), hub.now().plusSeconds(60));
    Requests.Entities listed =
        requests.entities(
            new Requests.EntitiesQuery("@elsewhere@", null, null, true, true, 10, null), 1 << 20);
    assertThat(listed.entities()).hasSize(1);
    assertThat(listed.token()).isNull();
    assertThat(listed.entities().getFirst().hasState()).isFalse();
    assertThat(
            requests
                .entities(
                    new Requests.EntitiesQuery("", null, null, false, true, 10, null), 1 << 20)
                .entities())
        .isEmpty();
  }
}
