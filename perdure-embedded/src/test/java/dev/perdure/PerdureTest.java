package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.Activity;
import dev.perdure.api.DataConverter;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.InvalidRegistrationException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.Payload;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TypeRef;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.testing.LivenessAudit;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the facade offers, as a user sees it. */
class PerdureTest {
  @TempDir Path temporary;

  // ---- what the documentation begins with ---------------------------------------------------

  @Test
  void aDirectoryThatIsMissingDoesNotMakeAHubInMemory() {
    assertThatThrownBy(() -> Perdure.embedded(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("inMemory()");
  }

  @Test
  void theFirstExampleRunsAsItIsWritten() {
    Path directory = temporary.resolve("hub");
    try (Perdure perdure = Perdure.embedded(directory).register(new Cities()).start()) {
      var client = perdure.client();
      String id = client.startNew("helloCities");
      assertThat(client.waitForCompletion(id, Duration.ofSeconds(30)).output(String.class))
          .isEqualTo("Hello, Tokyo, Hello, London");
    }
  }

  @Test
  void lambdasMayHaveVersionsAndLimitsAndNoInput() {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Perdure.Builder hub =
        Perdure.inMemory()
            .orchestrator("order", "1", Integer.class, (ctx, n) -> "one " + n)
            .orchestrator("order", "2", Integer.class, (ctx, n) -> "two " + n)
            .orchestrator(
                "all",
                ctx -> {
                  List<Task<?>> calls = new ArrayList<>();
                  for (int i = 0; i < 5; i++) {
                    calls.add(ctx.callActivity("alone", i));
                    calls.add(ctx.callActivity("aloneToo", i));
                    calls.add(ctx.callActivity("lonely"));
                  }
                  ctx.allOf(calls.toArray(Task[]::new)).await();
                  return ctx.callActivity("now", null, String.class).await();
                })
            .activity("now", () -> "now")
            .activity("alone", Integer.class, 1, n -> oneOf(running, most))
            .activity("aloneToo", Integer.class, 1, (ctx, n) -> oneOf(running, most))
            .activity("lonely", 1, () -> oneOf(running, most));
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      String two = client.startNew("order", 7, StartOptions.DEFAULT.withVersion("2"));
      assertThat(client.waitForCompletion(two, Hubs.PATIENCE).output(String.class))
          .isEqualTo("two 7");
      String all = client.startNew("all");
      assertThat(client.waitForCompletion(all, Hubs.PATIENCE).output(String.class))
          .isEqualTo("now");
    }
    assertThat(most.get()).isBetween(1, 3); // one of each name
  }

  private static int oneOf(AtomicInteger running, AtomicInteger most) throws InterruptedException {
    most.accumulateAndGet(running.incrementAndGet(), Math::max);
    Thread.sleep(5);
    return running.decrementAndGet();
  }

  @Test
  void theExampleOfTheReadmeCompilesAndPrintsWhatTheReadmeSays() throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));
    int from = readme.indexOf("```java\n") + "```java\n".length();
    String code = readme.substring(from, readme.indexOf("```", from));
    Path source =
        Files.writeString(
            temporary.resolve("Cities.java"),
            """
            import dev.perdure.Perdure;
            import dev.perdure.api.*;
            import java.nio.file.Path;
            import java.time.Duration;
            """
                + code);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    int errors =
        compiler.run(
            null,
            null,
            null,
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            temporary.toString(),
            "-proc:none",
            "-parameters",
            source.toString());
    assertThat(errors).isZero();
    List<String> printed = runMain(temporary, "Cities");
    assertThat(printed).containsExactly("Hello, Tokyo, Hello, London");
    assertThat(readme).contains("It prints `" + printed.getFirst() + "`.");
    assertThat(temporary.resolve("hub")).isDirectory();
  }

  private static List<String> runMain(Path directory, String name) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path")
                    + System.getProperty("path.separator")
                    + directory,
                name)
            .directory(directory.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var lines = process.inputReader()) {
      return lines.lines().toList();
    } finally {
      assertThat(process.waitFor()).isZero();
    }
  }

  // ---- registering --------------------------------------------------------------------------

  @Test
  void lambdasAreRegisteredByName() {
    try (Perdure perdure =
            Perdure.embedded(temporary.resolve("hub"))
                .orchestrator("ten", ctx -> ctx.callActivity("twice", 5, Integer.class).await())
                .orchestrator(
                    "twiceTwice",
                    Integer.class,
                    (ctx, n) -> {
                      int once = ctx.callActivity("twice", n, Integer.class).await();
                      return ctx.callActivity("twice", once, Integer.class).await();
                    })
                .orchestrator(
                    "whereAmI", ctx -> ctx.callActivity("where", null, String.class).await())
                .orchestrator("which", ctx -> "none")
                .orchestrator("which", "2", ctx -> "two")
                .activity("twice", Integer.class, n -> 2 * n)
                .activity(
                    "where", Void.class, (ctx, nothing) -> ctx.instanceId() + "/" + ctx.name())
                .start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      assertThat(Hubs.output(client, client.startNew("ten"), Integer.class)).isEqualTo(10);
      assertThat(Hubs.output(client, client.startNew("twiceTwice", 3), Integer.class))
          .isEqualTo(12);
      String here = client.startNew("whereAmI", null, StartOptions.id("here"));
      assertThat(Hubs.output(client, here, String.class)).isEqualTo("here/where");
      assertThat(Hubs.output(client, client.startNew("which"), String.class)).isEqualTo("none");
      String second = client.startNew("which", null, StartOptions.DEFAULT.withVersion("2"));
      assertThat(Hubs.output(client, second, String.class)).isEqualTo("two");
    }
  }

  static final class Arithmetic {
    private Arithmetic() {}

    @Orchestrator
    static int nextTwice(OrchestrationContext ctx, int n) {
      return ctx.call(Arithmetic::next, ctx.call(Arithmetic::next, n).await()).await();
    }

    @Activity
    static int next(int n) {
      return n + 1;
    }
  }

  @Test
  void theStaticMethodsOfAClassAreRegisteredWithTheClass() {
    try (Perdure perdure =
            Perdure.embedded(temporary.resolve("hub")).register(Arithmetic.class).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      String id = client.startNew("nextTwice", 40);
      assertThat(Hubs.output(client, id, Integer.class)).isEqualTo(42);
    }
  }

  @Test
  void aNameThatIsTakenIsRefusedBeforeAnythingIsOpened() {
    Path directory = temporary.resolve("hub");
    Perdure.Builder builder = Perdure.embedded(directory).register(new Cities());
    assertThatThrownBy(() -> builder.register(new Cities()))
        .isInstanceOf(InvalidRegistrationException.class)
        .hasMessageContaining("helloCities");
    assertThatThrownBy(() -> builder.activity("sayHello", String.class, city -> city))
        .isInstanceOf(InvalidRegistrationException.class)
        .hasMessageContaining("sayHello");
    assertThatThrownBy(() -> builder.orchestrator("helloCities", ctx -> null))
        .isInstanceOf(InvalidRegistrationException.class)
        .hasMessageContaining("helloCities");
    assertThat(directory).doesNotExist();
  }

  // ---- options ------------------------------------------------------------------------------

  @Test
  void theOptionsOfEngineAndStoreAreChangedOneAfterTheOther() {
    Path directory = temporary.resolve("hub");
    try (Perdure perdure =
            Perdure.embedded(directory)
                .orchestrator("version", ctx -> ctx.version())
                .options(options -> options.withDefaultVersion("1"))
                .options(options -> options.withDefaultVersion(options.defaultVersion() + ".1"))
                .storeOptions(options -> options.withPartitions(3))
                .storeOptions(Hubs::small)
                .start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      assertThat(Hubs.output(client, client.startNew("version"), String.class)).isEqualTo("1.1");
    }
    assertThat(directory.resolve("FORMAT")).content().contains("partitions=3");
  }

  /** Writes JSON, and counts. */
  static final class CountingConverter implements DataConverter {
    final DataConverter json = new JacksonDataConverter();
    final AtomicInteger written = new AtomicInteger();
    final AtomicInteger read = new AtomicInteger();

    @Override
    public Payload toPayload(Object value) {
      written.incrementAndGet();
      return json.toPayload(value);
    }

    @Override
    public Object fromPayload(Payload payload, Type type) {
      read.incrementAndGet();
      return json.fromPayload(payload, type);
    }
  }

  @Test
  void anotherDataConverterIsUsedForEverything() {
    CountingConverter converter = new CountingConverter();
    try (Perdure perdure =
            Perdure.embedded(temporary.resolve("hub"))
                .orchestrator(
                    "lengths",
                    String.class,
                    (ctx, text) -> List.of(ctx.callActivity("length", text, Integer.class).await()))
                .activity("length", String.class, String::length)
                .dataConverter(converter)
                .start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      String id = perdure.client().startNew("lengths", "abc");
      var end = Hubs.completed(perdure.client(), id);
      assertThat(end.output(new TypeRef<List<Integer>>() {})).containsExactly(3);
    }
    assertThat(converter.written).as("input, input, output, output").hasValue(4);
    assertThat(converter.read).hasValue(4);
  }

  // ---- in memory ----------------------------------------------------------------------------

  @Test
  void aHubInMemoryDoesTheSameAndIsGoneWhenItIsClosed() {
    String id;
    try (Perdure perdure = Perdure.inMemory().register(new Cities()).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      id = client.startNew("helloCities");
      assertThat(Hubs.output(client, id, String.class)).isEqualTo("Hello, Tokyo, Hello, London");
    }
    try (Perdure perdure = Perdure.inMemory().register(new Cities()).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertThat(perdure.client().status(id)).isEmpty();
    }
  }

  @Test
  void severalHubsLiveSideBySide() {
    List<Perdure> hubs = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        int number = i;
        hubs.add(
            Perdure.embedded(temporary.resolve("hub" + i))
                .storeOptions(Hubs::small)
                .orchestrator("who", ctx -> number)
                .start());
      }
      for (int i = 0; i < 3; i++) {
        PerdureClient client = hubs.get(i).client();
        String id = client.startNew("who", null, StartOptions.id("same id"));
        assertThat(Hubs.output(client, id, Integer.class)).isEqualTo(i);
        LivenessAudit.check(client);
      }
    } finally {
      hubs.forEach(Perdure::close);
    }
  }

  // ---- closing ------------------------------------------------------------------------------

  @Test
  void closingTwiceIsNoError() {
    Perdure embedded = Perdure.embedded(temporary.resolve("hub")).register(new Cities()).start();
    embedded.close();
    embedded.close();
    Perdure inMemory = Perdure.inMemory().register(new Cities()).start();
    inMemory.close();
    inMemory.close();
  }

  @Test
  void aClientOfAClosedHubSaysSo() {
    Perdure perdure = Perdure.embedded(temporary.resolve("hub")).register(new Cities()).start();
    PerdureClient client = perdure.client();
    String id = client.startNew("helloCities");
    perdure.close();
    List<Runnable> uses =
        List.of(
            () -> client.startNew("helloCities"),
            () -> client.status(id),
            () -> client.waitForStart(id, Duration.ofSeconds(1)),
            () -> client.waitForCompletion(id, Duration.ofSeconds(1)),
            () -> client.raiseEvent(id, "event"),
            () -> client.suspend(id, "reason"),
            () -> client.resume(id, "reason"),
            () -> client.terminate(id, "reason"),
            () -> client.rewind(id, "reason"),
            () -> client.restart(id, true),
            () -> client.requeue(id, "reason"),
            () -> client.purge(id),
            () -> client.purge(PurgeFilter.ALL_ENDED),
            () -> client.query(InstanceQuery.ALL),
            () -> client.history(id),
            () -> client.explain(id),
            () -> perdure.client().status(id));
    for (Runnable use : uses) {
      assertThatThrownBy(use::run)
          .isInstanceOf(HubClosedException.class)
          .hasMessageContaining("closed");
    }
  }
}
