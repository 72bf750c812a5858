package dev.perdure.trigger.eventhubs;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.messaging.eventhubs.EventData;
import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubProducerClient;
import com.azure.messaging.eventhubs.models.Checkpoint;
import com.azure.messaging.eventhubs.models.PartitionOwnership;
import com.azure.messaging.eventhubs.models.SendOptions;
import dev.perdure.api.StartOptions;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.Direction;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.HubMemory;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Listening;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.OutputType;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.TriggerState;
import dev.perdure.functions.trigger.Value;
import dev.perdure.iothub.IotHub;
import dev.perdure.iothub.IotHubOptions;
import dev.perdure.iothub.event.HubSettings;
import dev.perdure.testing.TestHub;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The trigger and the output with Microsoft's client and a hub on this machine. */
@Timeout(120)
class EventHubTriggerTypeTest {
  private static final int PATIENCE_SECONDS = 60;

  @TempDir private Path directory;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final BlockingQueue<Invocation> runs = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> jobs = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
  private final Map<String, Object> attributes = new HashMap<>();
  private final Map<String, Object> options = new HashMap<>();
  private FunctionRunner function = invocation -> new Outcome(null, null);
  private TestHub taskHub;
  private IotHub hub;
  private int port;

  /** Held here: a logger that nobody holds may be collected, and its handlers with it. */
  private final Logger logger = Logger.getLogger("dev.perdure");

  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          log.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void begin() throws IOException {
    logger.addHandler(handler);
    taskHub =
        TestHub.builder()
            .register(TriggerState.class)
            .orchestrator(
                "Job",
                String.class,
                (context, message) -> {
                  jobs.add(message);
                  return null;
                })
            .open();
    open.push(taskHub);
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    attributes.put("eventHubName", "readings");
    attributes.put("connection", "Hub");
  }

  @AfterEach
  void end() throws Exception {
    try {
      taskHub.checkNothingIsStuck();
    } finally {
      while (!open.isEmpty()) {
        open.pop().close();
      }
    }
    logger.removeHandler(handler);
    logger.setLevel(null);
  }

  @Test
  void eventsReachTheFunctionInTheOrderOfTheirPartition() throws Exception {
    startHub("hub");
    startTrigger();
    send("0", "a", "b", "c");
    assertThat(texts(3)).containsExactly("a", "b", "c");
    Invocation next = sent("1", "d");
    assertThat(next.metadata().get("SequenceNumber")).isEqualTo(new Value.Text("0"));
    assertThat(((Value.Json) next.metadata().get("PartitionContext")).json())
        .contains("\"PartitionId\":\"1\"")
        .contains("\"EventHubName\":\"readings\"");
    assertThat(((Value.Json) next.metadata().get("Properties")).json()).contains("\"room\":\"b1\"");
  }

  @Test
  void hubThatIsReadAsMessagesEventsIsTheOneOfDevices() throws Exception {
    startHub("hub");
    attributes.put("eventHubName", "messages/events");
    startTrigger();
    sendTo("messages/events", "0", "a");
    assertThat(texts(1)).containsExactly("a");
  }

  @Test
  void batchIsWhatCameWhileTheFunctionRan() throws Exception {
    attributes.put("cardinality", "MANY");
    attributes.put("dataType", "string");
    startHub("hub");
    CountDownLatch goOn = new CountDownLatch(1);
    function =
        invocation -> {
          goOn.await();
          return new Outcome(null, null);
        };
    startTrigger();
    send("0", "a");
    assertThat(run().value()).isEqualTo(new Value.Texts(List.of("a")));
    send("0", "b", "c", "d");
    // Until the client has fetched them; then they are one batch.
    List<String> seen = new ArrayList<>();
    goOn.countDown();
    while (seen.size() < 3) {
      seen.addAll(((Value.Texts) run().value()).texts());
    }
    assertThat(seen).containsExactly("b", "c", "d");
  }

  @Test
  void hostThatStartsAgainGoesOnWhereItWas() throws Exception {
    startHub("hub");
    Trigger first = startTrigger();
    send("0", "a", "b");
    send("3", "x");
    assertThat(texts(3)).containsExactlyInAnyOrder("a", "b", "x");
    first.close();
    send("0", "c");
    startTrigger();
    assertThat(texts(1)).containsExactly("c");
    assertThat(runs.poll(300, TimeUnit.MILLISECONDS)).as("nothing comes twice").isNull();
  }

  @Test
  void runThatIsCutOffComesAgain() throws Exception {
    startHub("hub");
    function =
        invocation -> {
          new CountDownLatch(1).await();
          return new Outcome(null, null);
        };
    Trigger first = startTrigger();
    send("0", "a");
    assertThat(texts(1)).containsExactly("a");
    first.close();
    function = invocation -> new Outcome(null, null);
    startTrigger();
    assertThat(texts(1)).containsExactly("a");
  }

  @Test
  void eventsOfABatchThatWereDoneBeforeARunIsCutOffDoNotComeAgain() throws Exception {
    startHub("hub");
    function =
        invocation -> {
          if (invocation.value().equals(new Value.Text("19"))) {
            new CountDownLatch(1).await();
          }
          return new Outcome(null, null);
        };
    Trigger first = startTrigger();
    send("0", IntStream.range(0, 20).mapToObj(Integer::toString).toArray(String[]::new));
    assertThat(texts(20)).endsWith("19");
    first.close();
    function = invocation -> new Outcome(null, null);
    startTrigger();
    assertThat(texts(1)).containsExactly("19");
  }

  @Test
  void eventThatComesAgainStartsNothingTwice() throws Exception {
    startHub("hub");
    function =
        invocation -> {
          Outcome started = start(invocation);
          new CountDownLatch(1).await(); // cut off after the start
          return started;
        };
    Trigger first = startTrigger();
    send("0", "a", "b");
    assertThat(texts(1)).containsExactly("a");
    first.close();
    taskHub.await("readings-0-0"); // it has even ended
    function = this::start;
    startTrigger();
    assertThat(texts(2)).containsExactly("a", "b");
    assertThat(jobs.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("a");
    assertThat(jobs.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("b");
    assertThat(jobs).isEmpty();
  }

  private Outcome start(Invocation invocation) {
    String unused =
        taskHub
            .client()
            .startNew(
                "Job",
                ((Value.Text) invocation.value()).text(),
                StartOptions.once("readings", "0", metadata(invocation, "SequenceNumber")));
    return new Outcome(null, null);
  }

  private static String metadata(Invocation invocation, String name) {
    return ((Value.Text) invocation.metadata().get(name)).text();
  }

  @Test
  void failingRunIsLoggedAndPassedOver() throws Exception {
    startHub("hub");
    function =
        invocation ->
            new Outcome(
                null,
                invocation.value().equals(new Value.Text("secret"))
                    ? new IllegalStateException("meant to be")
                    : null);
    startTrigger();
    send("0", "secret", "next");
    assertThat(texts(2)).containsExactly("secret", "next");
    assertThat(logged("has failed for events 0 to 0 of partition 0")).doesNotContain("secret");
  }

  @Test
  void errorIsPassedOverAsAnyOtherFailure() throws Exception {
    startHub("hub");
    function =
        invocation -> {
          if (invocation.value().equals(new Value.Text("large"))) {
            throw new OutOfMemoryError("of the test");
          }
          return new Outcome(null, null);
        };
    startTrigger();
    send("0", "large", "next");
    assertThat(texts(2)).containsExactly("large", "next");
    assertThat(logged("has failed for events 0 to 0 of partition 0")).doesNotContain("large");
  }

  @Test
  void functionThatInterruptsTheWaitForItsRetryDoesNotEndItsPartition() throws Exception {
    startHub("hub");
    startTrigger(
        invocation -> {
          runs.add(invocation);
          if (invocation.value().equals(new Value.Text("a"))) {
            throw new InterruptedException("of the test");
          }
          return new Outcome(null, null);
        });
    send("0", "a", "b");
    assertThat(texts(2)).containsExactly("a", "b");
    assertThat(logged("has failed for events 0 to 0 of partition 0")).isNotNull();
  }

  @Test
  void batchThatIsNoJsonIsLoggedAndPassedOver() throws Exception {
    attributes.put("cardinality", "MANY");
    startHub("hub");
    startTrigger();
    send("0", "hello");
    assertThat(logged("is not JSON")).contains("sequence number 0").doesNotContain("hello");
    send("0", "{}");
    assertThat(run().value()).isEqualTo(new Value.Json("[{}]", false));
  }

  @Test
  void hubThatIsAwayAtTheStartIsFoundLater() throws Exception {
    startTrigger();
    assertThat(logged("The listener for function 'F' was unable to start."))
        .contains("Nothing answers at localhost, port " + port)
        .doesNotContain("SAS_KEY");
    startHub("hub");
    send("0", "a");
    assertThat(texts(1)).containsExactly("a");
  }

  @Test
  void hubThatGoesAwayAndComesBackLosesNothing() throws Exception {
    startHub("hub");
    startTrigger();
    send("0", "a");
    assertThat(texts(1)).containsExactly("a");
    hub.close();
    startHub("hub");
    send("0", "b");
    send("1", "c");
    Set<String> seen = new HashSet<>();
    while (!seen.containsAll(Set.of("b", "c"))) {
      seen.addAll(texts(1));
    }
  }

  @Test
  void runThatOutlivesItsConnectionKeepsNothingElseFromGoingOn() throws Exception {
    startHub("hub");
    CountDownLatch goOn = waitingFor("long");
    startTrigger();
    breakConnectionWith("long");
    startHub("hub");
    send("0", "after it");
    send("1", "beside it");
    assertThat(texts(1)).containsExactly("beside it");
    goOn.countDown();
    assertThat(texts(1)).as("neither before it ended, nor it again").containsExactly("after it");
  }

  @Test
  void runThatOutlivesItsConnectionIsWrittenDown() throws Exception {
    startHub("hub");
    CountDownLatch goOn = waitingFor("long");
    Trigger first = startTrigger();
    breakConnectionWith("long");
    goOn.countDown();
    first.close();
    startHub("hub");
    send("0", "after it");
    startTrigger();
    assertThat(texts(1)).containsExactly("after it");
  }

  @Test
  void runThatOutlivesItsConnectionIsCutOffWhenTheHostCloses() throws Exception {
    startHub("hub");
    CountDownLatch goOn = waitingFor("long");
    Trigger first = startTrigger();
    breakConnectionWith("long");
    first.close();
    assertThat(logged("1 runs of function 'F' are cut off")).isNotNull();
    goOn.countDown();
    startHub("hub");
    startTrigger();
    assertThat(texts(1)).containsExactly("long");
  }

  @Test
  void runThatOutlivesItsConnectionIsNotWrittenDownIfAnotherHostHasItsPartition() throws Exception {
    startHub("hub");
    CountDownLatch goOn = waitingFor("long");
    TaskHubCheckpoints store = new TaskHubCheckpoints(new HubMemory(taskHub.client()));
    Trigger trigger = startTriggerThatShares(store);
    breakConnectionWith("long");
    giveToAnother(store);
    goOn.countDown();
    trigger.close();
    assertThat(store.read("localhost", "readings", "$Default", "0")).isNull();
  }

  /** The hub need not have said so yet: its connection may be dead. */
  @Test
  void checkpointOfAPartitionIsLeftToTheHostThatHasIt() throws Exception {
    startHub("hub");
    CountDownLatch goOn = waitingFor("long");
    TaskHubCheckpoints store = new TaskHubCheckpoints(new HubMemory(taskHub.client()));
    Trigger unused = startTriggerThatShares(store);
    send("0", "long");
    assertThat(texts(1)).containsExactly("long");
    send("0", "next");
    giveToAnother(store);
    store
        .updateCheckpoint(
            new Checkpoint()
                .setFullyQualifiedNamespace("localhost")
                .setEventHubName("readings")
                .setConsumerGroup("$Default")
                .setPartitionId("0")
                .setSequenceNumber(7L))
        .block();
    goOn.countDown();
    assertThat(texts(1)).as("the run before it has been dealt with").containsExactly("next");
    assertThat(store.read("localhost", "readings", "$Default", "0").sequenceNumber()).isEqualTo(7);
  }

  private static void giveToAnother(TaskHubCheckpoints store) {
    PartitionOwnership known =
        store
            .listOwnership("localhost", "readings", "$Default")
            .filter(ownership -> ownership.getPartitionId().equals("0"))
            .blockFirst();
    assertThat(store.claimOwnership(List.of(known.setOwnerId("another"))).blockFirst()).isNotNull();
  }

  /** As with checkpoints in blobs. */
  private Trigger startTriggerThatShares(TaskHubCheckpoints store) {
    options.put("checkpointStore", "blob");
    Binding binding = definition("F").trigger();
    TriggerEnvironment environment = environment();
    EventValues values = EventValues.of(binding, true);
    EventHubListener listener =
        new EventHubListener(
            new EventHubListener.Source(
                "F", EventHubConnection.of(binding, environment.settings()), "$Default"),
            EventHubOptions.of(environment.host()),
            values,
            this::run,
            () -> store);
    Trigger trigger =
        new EventHubTriggerType.Started(
            values, listener, new Listening("F", listener, EventHubListener.CLOSING_IN_ALL));
    open.push(trigger);
    trigger.start();
    return trigger;
  }

  /** The function waits at an event until it is told to go on. */
  private CountDownLatch waitingFor(String event) {
    CountDownLatch goOn = new CountDownLatch(1);
    function =
        invocation -> {
          if (invocation.value().equals(new Value.Text(event))) {
            goOn.await();
          }
          return new Outcome(null, null);
        };
    return goOn;
  }

  private void breakConnectionWith(String event) throws InterruptedException {
    send("0", event);
    assertThat(texts(1)).containsExactly(event);
    hub.close();
    assertThat(logged("has stopped")).isNotNull();
  }

  @Test
  void endAtWhichReadingBeganIsRememberedWhenTheHubGoesAway() throws Exception {
    startHub("hub");
    send("0", "before");
    startTriggerAtTheEnd();
    hub.close();
    assertThat(logged("has stopped")).isNotNull();
    startHub("hub");
    send("0", "a");
    send("1", "b");
    assertThat(texts(2)).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void endAtWhichReadingBeganIsForgottenWhenTheHubIsMadeAnew() throws Exception {
    startHub("hub");
    send("0", "before", "and before");
    startTriggerAtTheEnd();
    hub.close();
    assertThat(logged("has stopped")).isNotNull();
    startHub("another");
    send("0", "a");
    assertThat(texts(1)).containsExactly("a");
  }

  private void startTriggerAtTheEnd() throws InterruptedException {
    options.put("initialOffsetOptions", Map.of("type", "fromEnd"));
    options.put("clientRetryOptions", Map.of("maximumRetries", 0)); // a hub that is away is away
    logger.setLevel(Level.FINE); // it says that it is up only to those who look closely
    startTrigger();
    assertThat(logged("is up")).isNotNull();
  }

  @Test
  void withoutCheckpointsReadingGoesOnWhereItWasWhenTheHubGoesAway() throws Exception {
    options.put("enableCheckpointing", false);
    startHub("hub");
    startTrigger();
    send("0", "a");
    assertThat(texts(1)).containsExactly("a");
    send("0", "b"); // when it has been begun, what is done with the one before it is over
    assertThat(texts(1)).containsExactly("b");
    hub.close();
    assertThat(logged("has stopped")).isNotNull();
    startHub("hub");
    send("0", "c");
    assertThat(textsUntil("c")).doesNotContain("a");
  }

  @Test
  void checkpointsFromBeforeTheyWereSwitchedOffDoNotCount() throws Exception {
    startHub("hub");
    Trigger first = startTrigger();
    send("0", "a");
    assertThat(texts(1)).containsExactly("a");
    first.close();
    options.put("enableCheckpointing", false);
    startTrigger();
    send("0", "b");
    assertThat(texts(2)).containsExactly("a", "b");
  }

  @Test
  void hubThatWasMadeAnewIsReadFromItsBeginning() throws Exception {
    startHub("hub");
    Trigger first = startTrigger();
    send("0", IntStream.range(0, 20).mapToObj(i -> "old " + i).toArray(String[]::new));
    assertThat(texts(20)).hasSize(20);
    first.close();
    hub.close();
    startHub("another");
    send("0", "new");
    startTrigger();
    assertThat(texts(1)).containsExactly("new");
    assertThat(logged("the hub was made anew")).contains("Partition 0");
  }

  @Test
  void hubThatDoesNotExistIsNamed() throws Exception {
    startHub("hub");
    attributes.put("eventHubName", "nobody");
    startTrigger();
    assertThat(logged("was unable to start")).contains("There is no event hub 'nobody'");
  }

  @Test
  void consumerGroupThatDoesNotExistIsNamed() throws Exception {
    startHub("hub");
    attributes.put("consumerGroup", "strangers");
    startTrigger();
    assertThat(logged("'strangers'")).contains("consumer group");
  }

  @Test
  void whatAFunctionGivesIsSent() throws Exception {
    startHub("hub");
    startTrigger();
    OutputType.Output output =
        new EventHubOutputType()
            .create(
                definition("F"),
                new Binding("eventHub", Direction.OUT, "o", attributes),
                environment());
    open.push(output);
    output.write(List.of("a", Map.of("b", 1)), Invocation.of(Value.NOTHING, "test"));
    assertThat(texts(2)).containsExactlyInAnyOrder("a", "{\"b\":1}");
  }

  @Test
  void eventThatIsTooLargeFailsTheRunThatGaveIt() throws Exception {
    startHub("hub");
    OutputType.Output output =
        new EventHubOutputType()
            .create(
                definition("F"),
                new Binding("eventHub", Direction.OUT, "o", attributes),
                environment());
    open.push(output);
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> output.write("x".repeat(3 << 20), Invocation.of(Value.NOTHING, "test")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("3145728 bytes is larger");
  }

  // ---- helpers --------------------------------------------------------------------------------

  private void startHub(String name) {
    hub =
        IotHub.start(
            IotHubOptions.of(directory.resolve(name))
                .withEventHubs(List.of(new HubSettings("readings", 4, List.of("others"))))
                .withPorts(0, 0, port));
    open.push(hub);
  }

  private Trigger startTrigger() {
    return startTrigger(this::run);
  }

  private Trigger startTrigger(FunctionRunner runner) {
    Trigger trigger = new EventHubTriggerType().create(definition("F"), runner, environment());
    open.push(trigger);
    trigger.start();
    return trigger;
  }

  /** As the host does, which takes whatever a function throws for its failure. */
  private Outcome run(Invocation invocation) {
    runs.add(invocation);
    try {
      return function.run(invocation);
    } catch (InterruptedException e) {
      return new Outcome(null, e);
    }
  }

  private FunctionDefinition definition(String name) {
    return new FunctionDefinition(
        name,
        "app.Functions",
        "receive",
        List.of(new Binding("eventHubTrigger", Direction.IN, "event", attributes)),
        null);
  }

  private TriggerEnvironment environment() {
    HostSettings none = HostSettings.DEFAULTS;
    return new TriggerEnvironment(
        Settings.of(Map.of("Hub", connection())),
        new HostSettings(
            none.functionTimeout(),
            none.functions(),
            none.retry(),
            none.http(),
            none.durableTask(),
            none.logLevels(),
            Map.of("eventHubs", options),
            none.warnings()),
        taskHub::now,
        taskHub.client());
  }

  private String connection() {
    return "Endpoint=sb://localhost:%d;SharedAccessKeyName=n;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true"
        .formatted(port);
  }

  private Invocation sent(String partition, String... bodies) throws InterruptedException {
    send(partition, bodies);
    return run();
  }

  private void send(String partition, String... bodies) {
    sendTo("readings", partition, bodies);
  }

  private void sendTo(String eventHub, String partition, String... bodies) {
    try (EventHubProducerClient producer =
        new EventHubClientBuilder()
            .connectionString(connection(), eventHub)
            .buildProducerClient()) {
      List<EventData> events = new ArrayList<>();
      for (String body : bodies) {
        EventData event = new EventData(body);
        event.getProperties().put("room", "b1");
        events.add(event);
      }
      producer.send(events, new SendOptions().setPartitionId(partition));
    }
  }

  private Invocation run() throws InterruptedException {
    Invocation next = runs.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(next).as("a run of the function; the log was %s", log).isNotNull();
    return next;
  }

  private List<String> texts(int count) throws InterruptedException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(((Value.Text) run().value()).text());
    }
    return texts;
  }

  private List<String> textsUntil(String last) throws InterruptedException {
    List<String> texts = new ArrayList<>();
    do {
      texts.addAll(texts(1));
    } while (!texts.contains(last));
    return texts;
  }

  private String logged(String part) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(PATIENCE_SECONDS).toNanos();
    while (true) {
      String line = log.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      assertThat(line).as("a line of the log with '%s'", part).isNotNull();
      if (line.contains(part)) {
        return line;
      }
    }
  }
}
