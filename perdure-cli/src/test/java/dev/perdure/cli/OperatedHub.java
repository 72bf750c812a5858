package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.api.Activity;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityOperations;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.testing.LivenessAudit;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A hub with some history, and an operator who works on it from the command line. In it, {@code
 * greeted} has completed, {@code unlucky} has failed, {@code ended} was terminated, {@code order-7}
 * waits for approval, and the counter {@code visits} is at 3.
 */
final class OperatedHub implements AutoCloseable {
  /** Where the operator finds the hub. */
  enum Place {
    /** A server has it open, without workers. */
    SERVER,
    /** Nobody has it open. */
    STORE
  }

  static final Duration PATIENCE = Duration.ofSeconds(30);
  static final EntityId VISITS = EntityId.of("counter", "visits");

  private final Path store;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final String[] target;
  private AuditedServer server; // null where nobody has it open, and once it is closed

  /** What the hub was made with. */
  public static class Orders {
    private final boolean inStock;

    Orders(boolean inStock) {
      this.inStock = inStock;
    }

    @Orchestrator
    String approval(OrchestrationContext ctx) {
      ctx.setCustomStatus("waits for approval");
      return "approved by " + ctx.waitForExternalEvent("approved", String.class).await();
    }

    @Orchestrator
    String greet(OrchestrationContext ctx, String name) {
      return "Hello, " + name + "!";
    }

    @Orchestrator
    String pick(OrchestrationContext ctx) {
      return ctx.callActivity("reserve", "tea", String.class).await();
    }

    @Activity
    String reserve(String what) {
      if (!inStock) {
        throw new IllegalStateException("there is no " + what + " left");
      }
      return what;
    }
  }

  OperatedHub(Path temporary, Place place) {
    store = temporary.resolve("hubs");
    withFunctions(false, OperatedHub::makeHistory);
    if (place == Place.SERVER) {
      server = AuditedServer.start(store);
    }
    target =
        place == Place.SERVER
            ? new String[] {"--server", server.url()}
            : new String[] {"--store", store.toString()};
  }

  private static void makeHistory(PerdureClient client) {
    client.startNew("greet", "Ada", StartOptions.id("greeted"));
    client.startNew("pick", null, StartOptions.id("unlucky"));
    client.startNew("approval", null, StartOptions.id("ended"));
    client.startNew("approval", "a bicycle", StartOptions.id("order-7"));
    client.signalEntity(VISITS, "add", 3);
    client.terminate("ended", "not wanted");
    client.waitForCompletion("greeted", PATIENCE);
    client.waitForCompletion("unlucky", PATIENCE);
    client.waitForStart("order-7", PATIENCE);
    until(() -> client.getEntity(VISITS).filter(EntityMetadata::hasState).isPresent());
  }

  static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  /** A program with the functions opens the hub, once the server is gone. */
  void withFunctions(boolean inStock, Consumer<PerdureClient> use) {
    closeServer();
    try (Perdure perdure =
            Perdure.embedded(store.resolve("default"))
                .storeOptions(o -> o.withLog(256 << 10, 1 << 20).withMemory(8 << 20, 2 << 20))
                .register(new Orders(inStock))
                .entity(
                    "counter",
                    EntityOperations.of(Integer.class, () -> 0)
                        .operation("add", Integer.class, Integer::sum))
                .start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      use.accept(perdure.client());
    }
  }

  /** Where its store is: that of a server, with the hub in the directory {@code default}. */
  Path store() {
    return store;
  }

  // ---- what the operator does -----------------------------------------------------------------

  /** Runs a command on this hub; its exit code. */
  int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of(target));
    return runAnywhere(all.toArray(String[]::new));
  }

  /** Somebody else runs a command on this hub at the same time, in another terminal. */
  void anotherOperator(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of(target));
    Main.commandLine()
        .setOut(new PrintWriter(new StringWriter()))
        .execute(all.toArray(String[]::new));
  }

  /** Where the server is. */
  String url() {
    return target[1];
  }

  /** Runs a command on what it names itself; its exit code. */
  int runAnywhere(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  /** Runs a command on this hub while somebody types; its exit code. */
  int runAndType(String typed, String... arguments) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)));
    try {
      return run(arguments);
    } finally {
      System.setIn(before);
    }
  }

  String out() {
    return out.toString();
  }

  String err() {
    return err.toString();
  }

  JsonNode json() {
    return new ObjectMapper().readTree(out());
  }

  private void closeServer() {
    if (server != null) {
      AuditedServer closing = server;
      server = null;
      closing.close();
    }
  }

  /** Ends its server if it has one; whatever is left must have something that will wake it. */
  @Override
  public void close() {
    closeServer();
    AuditedServer.auditHubsIn(store);
  }
}
