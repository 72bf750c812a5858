package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.api.Activity;
import dev.perdure.api.CriticalSection;
import dev.perdure.api.EntityId;
import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskOptions;
import dev.perdure.testing.LivenessAudit;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The commands that look at a hub which nobody has open. */
class HubCommandsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final EntityId STOCK = new EntityId("stock", "tea");

  private static CountDownLatch packing = new CountDownLatch(1);

  @TempDir Path temp;

  private Path hub;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** What the hub was made with. */
  public static class Orders {
    @Orchestrator
    String order(OrchestrationContext ctx) {
      String reserved = ctx.callActivity("reserve", "tea", String.class).await();
      return reserved + ctx.waitForExternalEvent("approval", String.class).await();
    }

    @Activity
    String reserve(String what) {
      return what;
    }

    @Orchestrator
    String pack(OrchestrationContext ctx) {
      ctx.callActivity("box").await();
      return "packed";
    }

    @Activity
    void box() throws InterruptedException {
      packing.await();
    }

    @Orchestrator
    String hold(OrchestrationContext ctx) {
      try (CriticalSection section = ctx.lockEntities(STOCK).await()) {
        return ctx.waitForExternalEvent("done", String.class).await();
      }
    }

    @Orchestrator
    String ship(OrchestrationContext ctx) {
      return ctx.callActivity(
              "load", null, TaskOptions.retry(RetryPolicy.of(5, Duration.ofHours(1))), String.class)
          .await();
    }

    @Activity
    String load() throws IOException {
      throw new IOException("no truck");
    }

    @Orchestrator
    String family(OrchestrationContext ctx) {
      return ctx.callSubOrchestrator("order", null, String.class).await();
    }
  }

  /** What somebody has made of it since. */
  public static class InheritedOrders extends Orders {}

  public static class ChangedOrders {
    @Orchestrator
    String order(OrchestrationContext ctx) {
      String paid = ctx.callActivity("pay", "tea", String.class).await();
      return paid + ctx.waitForExternalEvent("approval", String.class).await();
    }

    @Activity
    String pay(String what) {
      return what;
    }
  }

  private Perdure open() {
    return Perdure.embedded(hub)
        .storeOptions(o -> o.withLog(256 << 10, 1 << 20).withMemory(8 << 20, 2 << 20))
        .options(o -> o.withShutdownGrace(Duration.ZERO))
        .register(new Orders())
        .entity("stock", ctx -> null)
        .start();
  }

  @BeforeEach
  void makeAHub() {
    packing = new CountDownLatch(1);
    hub = temp.resolve("hub");
    try (Perdure perdure = open();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      start(client, "order", "order-17");
      start(client, "pack", "pack-1");
      start(client, "hold", "first");
      until(client, "first", "holds the locks");
      start(client, "hold", "second");
      start(client, "family", "parent");
      until(client, "parent", "it is RUNNING"); // its child has begun
      until(client, "order-17", "waits for external event 'approval'");
      client.startNew(
          "order",
          null,
          StartOptions.id("late").withScheduledStart(Instant.parse("2100-01-01T00:00:00Z")));
    }
  }

  private static void start(PerdureClient client, String name, String id) {
    client.startNew(name, null, StartOptions.id(id));
    client.waitForStart(id, PATIENCE);
  }

  private static void until(PerdureClient client, String id, String what) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!client.explain(id).toString().contains(what)) {
      assertThat(System.nanoTime()).as(() -> client.explain(id).toString()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  private JsonNode json() {
    return new ObjectMapper().readTree(out.toString());
  }

  // ---- explain --------------------------------------------------------------------------------

  @Test
  void explainTellsWhatAnInstanceWaitsFor() {
    assertThat(run("explain", hub.toString(), "order-17")).isZero();
    assertThat(out)
        .asString()
        .contains("Orchestration 'order-17' (order) waits for external event 'approval'.");
  }

  @Test
  void explainTellsWhoHoldsTheLock() {
    assertThat(run("explain", hub.toString(), "second")).isZero();
    assertThat(out)
        .asString()
        .contains("waits for the lock of entity '@stock@tea'", "'@stock@tea' is locked by 'first'");
    assertThat(run("explain", hub.toString(), "@stock@tea")).isZero();
    assertThat(out).asString().contains("is locked by orchestration 'first' since");
  }

  @Test
  void explainTellsWhichAttemptOfHowManyHasFailedAndReplayWhereTheCodeWaits() {
    try (Perdure perdure = open();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      start(perdure.client(), "ship", "ship-1");
      until(perdure.client(), "ship-1", "set when attempt 1 of 5");
    }
    assertThat(run("explain", hub.toString(), "ship-1")).isZero();
    assertThat(out)
        .asString()
        .contains(
            "; set when attempt 1 of 5 of activity 'load' (#0) failed; attempt 2 follows",
            "last failure: java.io.IOException: no truck",
            "'perdure replay' shows it");

    String orders = Orders.class.getName();
    assertThat(run("replay", hub.toString(), "ship-1", "--register", orders)).isZero();
    assertThat(out).asString().contains("WAITS AT", "Orders.ship(HubCommandsTest.java:");
    assertThat(run("replay", "--json", hub.toString(), "ship-1", "--register", orders)).isZero();
    assertThat(json().at("/0/waitsAt").asString()).contains("Orders.ship(HubCommandsTest.java:");
    assertThat(run("history", hub.toString(), "ship-1")).isZero();
    assertThat(out).asString().contains("#0 load, attempt 1 of 5");
  }

  @Test
  void explainTellsSinceWhenAnEventIsWaitedForAndAnOrchestrationSuspended() {
    Instant before = Instant.now();
    try (Perdure perdure = open();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      perdure.client().suspend("order-17", "stock-taking");
    }
    assertThat(run("explain", "--json", hub.toString(), "order-17")).isZero();
    assertThat(json().at("/summary").asString())
        .containsPattern("is suspended since 2[-0-9T:.]+Z \\('stock-taking'\\); it goes on");
    Instant since = Instant.parse(json().at("/waits/0/since").asString());
    assertThat(since).isBefore(before);
    assertThat(run("audit", "--json", hub.toString())).isZero();
    assertThat(json().at("/notes/0/kind").asString()).isEqualTo("suspended");
    assertThat(Instant.parse(json().at("/notes/0/since").asString())).isAfter(since);
  }

  @Test
  void explainNamesParentAndChild() {
    assertThat(run("explain", "--json", hub.toString(), "parent")).isZero();
    String child = json().at("/waits/0/on/0").asString();
    assertThat(json().at("/waits/0/detail").asString()).isEqualTo("it is RUNNING");
    assertThat(run("explain", hub.toString(), child)).isZero();
    assertThat(out).asString().contains("parent: 'parent' (family), which waits for it as #0");
  }

  @Test
  void anInstanceThatIsNotThereIsAnErrorThatSaysSo() {
    assertThat(run("explain", hub.toString(), "order-18")).isEqualTo(1);
    assertThat(err).asString().contains("PD-1006", "There is no instance 'order-18'");
  }

  @Test
  void aDirectoryWithoutAHubIsAnErrorAndStaysAsItIs() {
    Path nothing = temp.resolve("nothing");
    assertThat(run("audit", nothing.toString())).isEqualTo(1);
    assertThat(err).asString().contains(nothing + ": there is no hub here");
    assertThat(nothing).doesNotExist();
  }

  @Test
  void aHubThatAProgramHasOpenIsRefused() {
    try (Perdure perdure = open();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      for (String command : new String[] {"explain", "history"}) {
        assertThat(run(command, hub.toString(), "order-17")).isEqualTo(1);
        assertThat(err).asString().contains("PD-2001", hub.toString());
      }
      assertThat(run("audit", hub.toString())).isEqualTo(1);
      assertThat(err).asString().contains("PD-2001");
    }
  }

  // ---- audit ----------------------------------------------------------------------------------

  @Test
  void auditProvesThatEverythingWillBeWoken() {
    assertThat(run("audit", hub.toString())).isZero();
    assertThat(out)
        .asString()
        .contains("7 orchestrations that have not ended, 1 entities: everything will be woken.");
    assertThat(run("audit", "--json", hub.toString())).isZero();
    assertThat(json().at("/orchestrations").asInt()).isEqualTo(7);
    assertThat(json().at("/findings")).isEmpty();
  }

  @Test
  void aHubThatWasKilledIsLookedAtAsWell() throws IOException {
    Path crashed = temp.resolve("crashed");
    try (Perdure perdure = open();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      start(perdure.client(), "order", "new");
      perdure.backup(crashed); // as of one moment, with what only the log tells
    }
    assertThat(run("audit", crashed.toString())).as(() -> out.toString() + err).isZero();
    assertThat(out).asString().contains("8 orchestrations that have not ended");
    assertThat(run("explain", crashed.toString(), "new")).isZero();
    assertThat(run("replay", crashed.toString(), "--register", Orders.class.getName())).isZero();
    assertThat(out).asString().contains("OK", "new", "order", "8 replayed, all would go on.");
  }

  // ---- nothing changes ------------------------------------------------------------------------

  @Test
  void lookingChangesNothing() throws IOException {
    Map<String, ByteBuffer> before = log();
    run("explain", hub.toString(), "pack-1");
    run("audit", hub.toString());
    run("history", hub.toString(), "pack-1");
    run("replay", hub.toString(), "--register", Orders.class.getName());
    assertThat(log()).isEqualTo(before);
    packing.countDown();
    try (Perdure perdure = open();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      perdure.client().waitForCompletion("pack-1", PATIENCE);
      // The last shutdown still counts as an orderly one: nothing is repeated with suspicion.
      assertThat(perdure.client().history("pack-1")).noneMatch(WorkRedelivered.class::isInstance);
      assertThat(perdure.client().audit().findings()).isEmpty();
    }
  }

  private Map<String, ByteBuffer> log() throws IOException {
    Map<String, ByteBuffer> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(hub.resolve("log"))) {
      for (Path file : files.toList()) {
        contents.put(file.getFileName().toString(), ByteBuffer.wrap(Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  // ---- history and replay ---------------------------------------------------------------------

  @Test
  void historyIsATableForPeople() {
    assertThat(run("history", hub.toString(), "order-17")).isZero();
    assertThat(out).asString().contains("ExecutionStarted", "TaskScheduled", "#0 reserve");
  }

  @Test
  void replayFindsCodeThatContradictsAHistory() {
    assertThat(run("replay", hub.toString(), "--register", Orders.class.getName())).isZero();
    assertThat(out).asString().contains("7 replayed, all would go on.");
    assertThat(run("replay", hub.toString(), "--register", InheritedOrders.class.getName()))
        .isZero();
    assertThat(
            run("replay", hub.toString(), "order-17", "--register", ChangedOrders.class.getName()))
        .isEqualTo(1);
    assertThat(out).asString().contains("DIVERGES", "reserve", "pay", "1 would not go on.");
  }

  @Test
  void replayTakesAnExportedHistoryFarFromItsHub() throws IOException {
    assertThat(run("history", "--json", hub.toString(), "order-17")).isZero();
    assertThat(json().at("/instanceId").asString()).isEqualTo("order-17");
    Path file = Files.writeString(temp.resolve("order-17.json"), out.toString());

    assertThat(run("replay", file.toString(), "--register", Orders.class.getName())).isZero();
    assertThat(
            run("replay", "--json", file.toString(), "--register", ChangedOrders.class.getName()))
        .isEqualTo(1);
    assertThat(json().at("/0/ok").asBoolean()).isFalse();
    assertThat(json().at("/0/report").asString()).contains("reserve");
  }

  @Test
  void aFileThatIsNoHistoryIsNotReplayed() throws IOException {
    assertThat(run("history", "--json", hub.toString(), "order-17")).isZero();
    String history = out.toString();
    for (String other : List.of("[]", "{", history.replaceAll("ExecutionStarted", "TimerFired"))) {
      Path file = Files.writeString(temp.resolve("other.json"), other);
      assertThat(run("replay", file.toString(), "--register", Orders.class.getName())).isEqualTo(1);
      assertThat(err).asString().contains("other.json").doesNotContain("please report");
    }
  }

  @Test
  void classesThatCannotBeFoundAreAUsageError() {
    assertThat(run("replay", hub.toString(), "--register", "com.example.Nothing")).isEqualTo(2);
    assertThat(err).asString().contains("com.example.Nothing", "--classpath");
    assertThat(run("replay", hub.toString())).isEqualTo(2);
    assertThat(err).asString().contains("--register");
  }

  @Test
  void classesOfWhichSomethingIsMissingAreAUsageErrorToo() throws IOException {
    Path sources = Files.createDirectory(temp.resolve("sources"));
    Path classes = Files.createDirectory(temp.resolve("classes"));
    Path item = Files.writeString(sources.resolve("Item.java"), "record Item() {}");
    Path shop =
        Files.writeString(
            sources.resolve("Shop.java"), "public class Shop { public void sell(Item item) {} }");
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", classes.toString(), item.toString(), shop.toString());
    assertThat(failed).isZero();
    Files.delete(classes.resolve("Item.class"));

    int code =
        run("replay", hub.toString(), "--classpath", classes.toString(), "--register", "Shop");

    assertThat(code).isEqualTo(2);
    assertThat(err).asString().contains("'Shop'", "cannot be read", "Item", "--classpath");
    assertThat(err).asString().doesNotContain("\tat ");
  }
}
