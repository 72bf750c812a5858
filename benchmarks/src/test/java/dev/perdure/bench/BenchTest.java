package dev.perdure.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.bench.harness.Size;
import dev.perdure.bench.harness.Workload;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keeps the harness and some workloads alive; what they measure here means nothing. */
class BenchTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path temp;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

  @Test
  void smallWorkloadsRunVerifyTheirResultsAndReportEveryFigureTwice() throws Exception {
    Path json = temp.resolve("results.jsonl");

    boolean ran =
        bench(
                options(
                        "hello5-strict",
                        "hello5-pipelined",
                        "fanout",
                        "entity-signals",
                        "entity-hot",
                        "entity-call")
                    .withJson(json))
            .run();

    assertThat(ran).as(() -> progress.toString(StandardCharsets.UTF_8)).isTrue();
    List<JsonNode> lines = Files.readAllLines(json).stream().map(JSON::readTree).toList();
    assertThat(lines)
        .extracting(line -> line.get("workload").asString() + " " + line.get("metric").asString())
        .contains(
            "hello5-strict throughput",
            "hello5-pipelined throughput",
            "fanout linearity",
            "entity-signals signals",
            "entity-hot queue-heap",
            "entity-call call-commits");
    assertThat(lines).allSatisfy(BenchTest::assertIsAResult);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("cores", "raw commit of the disk", "CPU us/orch.")
        .contains("hello5-strict", "orchestrations/s", ">= 15,000", "(tiny)");
  }

  @Test
  void pipelinedIsMeasuredAgainstWhatStrictDidInTheSameRun() throws Exception {
    Path json = temp.resolve("results.jsonl");

    bench(options("hello5-strict", "hello5-pipelined").withJson(json)).run();

    List<JsonNode> throughputs =
        Files.readAllLines(json).stream()
            .map(JSON::readTree)
            .filter(line -> line.get("metric").asString().equals("throughput"))
            .toList();
    assertThat(throughputs.get(1).get("goal")).isEqualTo(throughputs.get(0).get("value"));
  }

  @Test
  void sleepersBurstReplayAndPurgeLoseNothing() throws Exception {
    boolean ran = bench(options("sleepers", "burst", "replay", "purge")).run();

    assertThat(ran).as(() -> progress.toString(StandardCharsets.UTF_8)).isTrue();
  }

  @Test
  void aServerInAProcessOfItsOwnIsMeasured() throws Exception {
    boolean ran = bench(options("grpc-hello5-raw")).run();

    assertThat(ran).as(() -> progress.toString(StandardCharsets.UTF_8)).isTrue();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("commits per orchestration");
  }

  @Test
  void dataIsRemovedAfterwards() throws Exception {
    bench(options("fanout")).run();

    assertThat(temp.resolve("data")).doesNotExist();
  }

  @Test
  void theDirectoryOfTheDataStaysWhileAnotherRunUsesIt() throws Exception {
    Path data = temp.resolve("data");
    Path mine = Files.createDirectories(data.resolve("mine"));
    Path another = Files.createDirectories(data.resolve("another"));

    try (Cleanup cleanup = new Cleanup(data)) {
      cleanup.add(mine);
    }

    assertThat(data).isDirectoryContaining(another::equals);
    assertThat(mine).doesNotExist();
  }

  @Test
  void dataIsKeptOnRequest() throws Exception {
    bench(options("fanout").withKeep(true)).run();

    assertThat(temp.resolve("data")).isDirectoryContaining("glob:**fanout-*");
  }

  @Test
  void anUnknownWorkloadIsRefusedWithAListOfThoseThereAre() {
    assertThatThrownBy(() -> bench(options("hello6")))
        .isInstanceOf(UnknownWorkloadException.class)
        .hasMessageStartingWith("There is no workload 'hello6'. There are: hello5-strict, ")
        .hasMessageEndingWith(
            "http-function, http-start, azure-hello5, iothub-ingest, sql-trigger.");
  }

  @Test
  void theNamesOfWorkloadsStay() {
    assertThat(Workloads.all())
        .extracting(Workload::name)
        .containsExactly(
            "hello5-strict",
            "hello5-pipelined",
            "hello5-latency",
            "fanout",
            "sequence",
            "sleepers",
            "burst",
            "restart",
            "replay",
            "purge",
            "entity-signals",
            "entity-hot",
            "entity-call",
            "grpc-hello5",
            "grpc-hello5-raw",
            "grpc-fanout",
            "grpc-sequence",
            "grpc-idle",
            "http-function",
            "http-start",
            "azure-hello5",
            "iothub-ingest",
            "sql-trigger");
  }

  private BenchOptions options(String... workloads) {
    return BenchOptions.DEFAULTS
        .withWorkloads(List.of(workloads))
        .withSize(Size.TINY)
        .withData(temp.resolve("data"))
        .withInProcess(true);
  }

  private Bench bench(BenchOptions options) {
    return new Bench(
        options,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(progress, true, StandardCharsets.UTF_8));
  }

  private static void assertIsAResult(JsonNode line) {
    assertThat(line.propertyNames())
        .startsWith("workload", "metric", "value", "unit", "goal", "met");
    assertThat(line.get("value").isNumber()).isTrue();
    assertThat(line.get("goal").isNumber() || line.get("goal").isNull()).isTrue();
    assertThat(line.get("met").isNull()).as("goals of a tiny run are not judged").isTrue();
  }
}
