package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import com.microsoft.durabletask.OrchestrationStatusQuery;
import com.microsoft.durabletask.OrchestrationStatusQueryResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class QueriesTest extends SdkTest {
  private final String prefix = unique("query") + "/";

  private OrchestrationStatusQuery query() {
    return new OrchestrationStatusQuery().setInstanceIdPrefix(prefix);
  }

  private List<String> ids(OrchestrationStatusQuery query) {
    return client.queryInstances(query).getOrchestrationState().stream()
        .map(OrchestrationMetadata::getInstanceId)
        .map(id -> id.substring(prefix.length()))
        .sorted()
        .toList();
  }

  @Test
  void byStatusByTimeByPrefixAndByAllOfThem() {
    worker(
        code ->
            code.orchestrator("well", ctx -> ctx.complete("out"))
                .orchestrator(
                    "badly",
                    ctx -> {
                      throw new IllegalStateException("no");
                    })
                .orchestrator("wait", ctx -> ctx.waitForExternalEvent("go").await()));
    end(startAs(prefix + "a1", "well", null));
    end(startAs(prefix + "a2", "badly", null));
    Instant middle = end(startAs(prefix + "a3", "well", null)).getCreatedAt();
    awaitStart(startAs(prefix + "b1", "wait", null));
    client.terminate(startAs(prefix + "b2", "wait", null), null);
    end(prefix + "b2");

    assertThat(ids(query())).containsExactly("a1", "a2", "a3", "b1", "b2");
    assertThat(ids(status(OrchestrationRuntimeStatus.COMPLETED))).containsExactly("a1", "a3");
    assertThat(ids(status(OrchestrationRuntimeStatus.RUNNING))).containsExactly("b1");
    assertThat(
            ids(status(OrchestrationRuntimeStatus.FAILED, OrchestrationRuntimeStatus.TERMINATED)))
        .containsExactly("a2", "b2");
    assertThat(ids(status(OrchestrationRuntimeStatus.SUSPENDED))).isEmpty();
    assertThat(ids(query().setCreatedTimeFrom(middle))).containsExactly("a3", "b1", "b2");
    assertThat(ids(query().setCreatedTimeTo(middle))).containsExactly("a1", "a2", "a3");
    assertThat(ids(query().setCreatedTimeFrom(middle).setCreatedTimeTo(middle)))
        .containsExactly("a3");
    assertThat(
            ids(
                status(OrchestrationRuntimeStatus.COMPLETED, OrchestrationRuntimeStatus.RUNNING)
                    .setCreatedTimeFrom(middle)))
        .containsExactly("a3", "b1");
    assertThat(ids(query().setInstanceIdPrefix(prefix + "a"))).containsExactly("a1", "a2", "a3");
    assertThat(ids(query().setInstanceIdPrefix(prefix + "c"))).isEmpty();
    assertThat(ids(query().setCreatedTimeFrom(Instant.now().plusSeconds(60)))).isEmpty();

    client.raiseEvent(prefix + "b1", "go");
    completed(prefix + "b1");
    assertThat(ids(status(OrchestrationRuntimeStatus.COMPLETED))).contains("b1");
  }

  private OrchestrationStatusQuery status(OrchestrationRuntimeStatus... statuses) {
    return query().setRuntimeStatusList(List.of(statuses));
  }

  @Test
  void pagesShowEveryInstanceOnceAndEndWithoutAToken() throws Exception {
    worker(code -> code.orchestrator("empty", ctx -> {}));
    Concurrently.run(21, i -> completed(startAs(prefix + i, "empty", null)));

    List<Integer> sizes = new ArrayList<>();
    List<String> seen = new ArrayList<>();
    List<String> tokens = new ArrayList<>();
    OrchestrationStatusQuery query = query().setMaxInstanceCount(5);
    String token;
    do {
      OrchestrationStatusQueryResult page = client.queryInstances(query);
      sizes.add(page.getOrchestrationState().size());
      page.getOrchestrationState().forEach(instance -> seen.add(instance.getInstanceId()));
      token = page.getContinuationToken();
      tokens.add(token);
      query.setContinuationToken(token);
    } while (token != null && !token.isEmpty());

    assertThat(sizes).containsExactly(5, 5, 5, 5, 1);
    assertThat(new TreeSet<>(seen)).hasSize(21);

    // A token is good for pages of another size, too.
    List<Integer> more = new ArrayList<>();
    query = query().setMaxInstanceCount(4).setContinuationToken(tokens.get(1));
    do {
      OrchestrationStatusQueryResult page = client.queryInstances(query);
      more.add(page.getOrchestrationState().size());
      token = page.getContinuationToken();
      query.setContinuationToken(token);
    } while (token != null && !token.isEmpty());
    assertThat(more).containsExactly(4, 4, 3);
  }

  @Test
  void aPageThatIsJustFullIsTheLast() throws Exception {
    worker(code -> code.orchestrator("empty", ctx -> {}));
    Concurrently.run(4, i -> completed(startAs(prefix + i, "empty", null)));

    OrchestrationStatusQueryResult page = client.queryInstances(query().setMaxInstanceCount(4));

    assertThat(page.getOrchestrationState()).hasSize(4);
    assertThat(page.getContinuationToken()).isNullOrEmpty();
  }

  @Test
  void inputAndOutputComeOnlyOnRequest() {
    worker(code -> code.orchestrator("main", ctx -> ctx.complete("out")));
    completed(startAs(prefix + "x", "main", "in"));

    OrchestrationMetadata bare = client.queryInstances(query()).getOrchestrationState().getFirst();
    OrchestrationMetadata full =
        client
            .queryInstances(query().setFetchInputsAndOutputs(true))
            .getOrchestrationState()
            .getFirst();

    assertThat(bare.getName()).isEqualTo("main");
    assertThat(bare.getSerializedInput()).isNullOrEmpty();
    assertThat(bare.getSerializedOutput()).isNullOrEmpty();
    assertThat(full.readInputAs(String.class)).isEqualTo("in");
    assertThat(full.readOutputAs(String.class)).isEqualTo("out");
  }
}
