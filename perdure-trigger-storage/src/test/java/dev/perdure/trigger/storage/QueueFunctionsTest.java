package dev.perdure.trigger.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.azure.functions.OutputBinding;
import com.microsoft.azure.functions.annotation.BindingName;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.QueueOutput;
import com.microsoft.azure.functions.annotation.QueueTrigger;
import com.microsoft.azure.functions.annotation.StorageAccount;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions of queues in a host, against a storage emulator. */
class QueueFunctionsTest {
  private static final BlockingQueue<String> SEEN = new LinkedBlockingQueue<>();
  private static CountDownLatch gate = new CountDownLatch(0);

  /** An order. */
  public static class Order {
    public String id = "";
    public int count;
  }

  /** Says what it gets. */
  public static class Says {
    @FunctionName("Says")
    public void says(
        @QueueTrigger(name = "m", queueName = "%QUEUE%", connection = "Account") String message) {
      SEEN.add(message);
    }
  }

  /** Takes objects, with what is known of the message. */
  public static class TakesOrders {
    @FunctionName("TakesOrders")
    @StorageAccount("Account")
    public void takes(
        @QueueTrigger(name = "order", queueName = "%QUEUE%") Order order,
        @BindingName("DequeueCount") int dequeueCount,
        @BindingName("Id") String messageId,
        @BindingName("QueueTrigger") String text,
        @BindingName("InsertionTime") String inserted,
        @BindingName("PopReceipt") String receipt,
        @BindingName("count") int count) {
      SEEN.add(
          String.join(
              "|",
              order.id,
              "" + order.count,
              "" + dequeueCount,
              messageId,
              text,
              inserted,
              "" + receipt.isEmpty(),
              "" + count));
    }
  }

  /** Takes bytes. */
  public static class TakesBytes {
    @FunctionName("TakesBytes")
    public void takes(
        @QueueTrigger(
                name = "m",
                queueName = "%QUEUE%",
                dataType = "binary",
                connection = "Account")
            byte[] message) {
      SEEN.add(Base64.getEncoder().encodeToString(message));
    }
  }

  /** Fails always. */
  public static class Fails {
    @FunctionName("Fails")
    public void fails(
        @QueueTrigger(name = "m", queueName = "%QUEUE%", connection = "Account") String message,
        @BindingName("DequeueCount") int dequeueCount) {
      SEEN.add(message + " " + dequeueCount);
      throw new IllegalStateException("no");
    }
  }

  /** Waits at a gate. */
  public static class Waits {
    @FunctionName("Waits")
    public void waits(
        @QueueTrigger(name = "m", queueName = "%QUEUE%", connection = "Account") String message)
        throws InterruptedException {
      SEEN.add("begun " + message);
      gate.await();
      SEEN.add("ended " + message);
    }
  }

  /** Passes on what it gets, several times. */
  public static class PassesOn {
    @FunctionName("PassesOn")
    @QueueOutput(name = "$return", queueName = "%NEXT%", connection = "Account")
    public List<String> passesOn(
        @QueueTrigger(name = "m", queueName = "%QUEUE%", connection = "Account") String message,
        @QueueOutput(name = "more", queueName = "%NEXT%", connection = "Account")
            OutputBinding<Order> more) {
      Order order = new Order();
      order.id = message;
      more.setValue(order);
      return List.of(message + "1", message + "2");
    }
  }

  /** Says what is passed on. */
  public static class SaysNext {
    @FunctionName("SaysNext")
    public void says(
        @QueueTrigger(name = "m", queueName = "%NEXT%", connection = "Account") String message) {
      SEEN.add(message);
    }
  }

  @TempDir Path home;
  private final String name = Azurite.unique("orders");
  private Azurite azurite;
  private AzureQueue queue;

  @BeforeEach
  void begin() {
    azurite = Azurite.running();
    queue = azurite.queue(name);
    gate = new CountDownLatch(0);
  }

  @AfterEach
  void openTheGate() {
    gate.countDown();
    SEEN.clear();
  }

  private TestHost host(Class<?>... functions) {
    return TestHost.start(home, settings(), functions);
  }

  private Map<String, String> settings() {
    return Map.of("Account", azurite.connectionString(), "QUEUE", name, "NEXT", name + "-next");
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private List<Received> waiting(AzureQueue of) throws Exception {
    return of.receive(32, Duration.ofSeconds(1)).orElse(List.of());
  }

  private static Duration lifetime(Received message) {
    return Duration.between(message.inserted(), message.expires());
  }

  @Test
  void aMessageRunsTheFunctionAndIsDeletedThen() throws Exception {
    queue.send(base64("Grüße ☃"));

    try (TestHost host = host(Says.class)) {
      assertThat(Await.next(SEEN)).isEqualTo("Grüße ☃");
      Await.until("the queue is empty", () -> azurite.count(name) == 0);
    }
  }

  @Test
  void aQueueThatDoesNotExistYetIsWaitedFor() throws Exception {
    try (TestHost host = host(Says.class)) {
      queue.send(base64("late"));

      assertThat(Await.next(SEEN)).isEqualTo("late");
    }
  }

  @Test
  void anObjectComesWithWhatIsKnownOfItsMessage() throws Exception {
    queue.send(base64("{\"id\": \"A7\", \"count\": 3}"));

    try (TestHost host = host(TakesOrders.class)) {
      String[] seen = Await.next(SEEN).split("\\|");

      assertThat(seen[0]).isEqualTo("A7");
      assertThat(seen[1]).isEqualTo("3");
      assertThat(seen[2]).isEqualTo("1");
      assertThat(seen[3]).as("the property 'id' hides the id of the message").isEqualTo("A7");
      assertThat(seen[4]).isEqualTo("{\"id\": \"A7\", \"count\": 3}");
      assertThat(seen[5]).matches("\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+00:00\"");
      assertThat(seen[6]).isEqualTo("false");
      assertThat(seen[7]).isEqualTo("3");
    }
  }

  @Test
  void bytesAreTakenAsTheyAre() throws Exception {
    queue.send(Base64.getEncoder().encodeToString(new byte[] {0, -1, -2, 10}));

    try (TestHost host = host(TakesBytes.class)) {
      assertThat(Base64.getDecoder().decode(Await.next(SEEN))).containsExactly(0, -1, -2, 10);
    }
  }

  @Test
  void aMessageThatFailsFiveTimesIsMovedToThePoisonQueueUnchanged() throws Exception {
    queue.send(base64("bad"));

    try (TestHost host = host(Fails.class)) {
      for (int attempt = 1; attempt <= 5; attempt++) {
        assertThat(Await.next(SEEN)).isEqualTo("bad " + attempt);
      }
      AzureQueue poison = azurite.queue(name + "-poison");
      Await.until("it is in the poison queue", () -> azurite.count(name + "-poison") == 1);
      assertThat(waiting(poison))
          .singleElement()
          .satisfies(
              message -> {
                assertThat(message.text()).isEqualTo(base64("bad"));
                assertThat(lifetime(message)).isGreaterThan(Duration.ofDays(36_500));
              });
      Await.until("it is gone from its queue", () -> azurite.count(name) == 0);
    }
    assertThat(SEEN).isEmpty();
  }

  @Test
  void aMessageThatIsNotBase64EndsInThePoisonQueueWithoutRunning() throws Exception {
    queue.send("plain text");

    try (TestHost host = host(Says.class)) {
      Await.until("it is in the poison queue", () -> azurite.count(name + "-poison") == 1);
      assertThat(waiting(azurite.queue(name + "-poison")))
          .extracting(Received::text)
          .containsExactly("plain text");
    }
    assertThat(SEEN).isEmpty();
  }

  @Test
  void plainTextIsReadIfHostJsonSaysSo() throws Exception {
    TestHost.hostJson(home, "{\"queues\": {\"messageEncoding\": \"none\"}}");
    String text = " plain <text> & \"more\"\r\n\t☃ 😀 ]]> ";
    queue.send(text);

    try (TestHost host = host(Says.class)) {
      assertThat(Await.next(SEEN)).isEqualTo(text);
    }
  }

  @Test
  void messagesRunInParallelUpToTheBatchAndTheThreshold() throws Exception {
    TestHost.hostJson(home, "{\"queues\": {\"batchSize\": 2, \"newBatchThreshold\": 1}}");
    gate = new CountDownLatch(1);
    for (int i = 0; i < 6; i++) {
      queue.send(base64("m" + i));
    }

    try (TestHost host = host(Waits.class)) {
      assertThat(List.of(Await.next(SEEN), Await.next(SEEN)))
          .allMatch(seen -> seen.startsWith("begun"));
      // Two run, which is more than the threshold; so no others are taken, and stay visible.
      Await.until("four are left", () -> waiting(queue).size() == 4);
      assertThat(SEEN).isEmpty();
      gate.countDown();
      Await.until("all are done", () -> azurite.count(name) == 0);
    }
  }

  @Test
  void whatIsRunningWhenTheHostClosesMayEnd() throws Exception {
    gate = new CountDownLatch(1);
    queue.send(base64("m"));
    TestHost host = host(Waits.class);
    assertThat(Await.next(SEEN)).isEqualTo("begun m");

    Thread closing = Thread.ofVirtual().start(host::close);
    Await.until("the host closes", () -> closing.isAlive());
    gate.countDown();
    closing.join();

    assertThat(Await.next(SEEN)).isEqualTo("ended m");
    assertThat(azurite.count(name)).isZero();
  }

  @Test
  void anOutputMakesItsQueueAndPutsInAMessageForEachValue() throws Exception {
    try (TestHost host = host(PassesOn.class, SaysNext.class)) {
      assertThat(host.run("PassesOn", "a").statusCode()).isEqualTo(202);

      assertThat(List.of(Await.next(SEEN), Await.next(SEEN), Await.next(SEEN)))
          .containsExactlyInAnyOrder("a1", "a2", "{\"id\":\"a\",\"count\":0}");
    }
  }

  @Test
  void whatAnOutputGivesLivesAsLongAsTheServiceHasIt() throws Exception {
    try (TestHost host = host(PassesOn.class)) {
      assertThat(host.run("PassesOn", "a").statusCode()).isEqualTo(202);

      Await.until("it is there", () -> azurite.count(name + "-next") == 3);
      assertThat(waiting(azurite.queue(name + "-next")))
          .extracting(message -> lifetime(message))
          .containsOnly(Duration.ofDays(7));
    }
  }

  @Test
  void hostsShareTheMessagesOfAQueue(@TempDir Path other) throws Exception {
    for (int i = 0; i < 40; i++) {
      queue.send(base64("m" + i));
    }

    try (TestHost one = host(Says.class);
        TestHost two = TestHost.start(other, settings(), Says.class)) {
      List<String> seen = new ArrayList<>();
      while (seen.size() < 40) {
        seen.add(Await.next(SEEN));
      }

      assertThat(seen).doesNotHaveDuplicates();
      Await.until("the queue is empty", () -> azurite.count(name) == 0);
    }
    assertThat(SEEN).isEmpty();
  }

  @Test
  void aMessageThatAHostHadWhenItDiedComesAgain() throws Exception {
    queue.send(base64("m"));
    assertThat(queue.receive(1, Duration.ofSeconds(1)).orElseThrow())
        .as("taken by a host that dies then")
        .hasSize(1);

    try (TestHost host = host(Says.class)) {
      assertThat(Await.next(SEEN)).isEqualTo("m");
    }
  }

  @Test
  void aMessageThatIsTooBigFailsTheRunThatGivesIt() throws Exception {
    String big = "x".repeat(50_000);
    queue.send(base64("small"));

    try (TestHost host = host(PassesOn.class, SaysNext.class)) {
      String first = Await.next(SEEN);
      assertThat(host.run("PassesOn", big).statusCode()).isEqualTo(202);
      assertThat(host.run("PassesOn", "last").statusCode()).isEqualTo(202);

      List<String> seen = new ArrayList<>(List.of(first));
      while (seen.size() < 6) {
        seen.add(Await.next(SEEN));
      }
      assertThat(seen)
          .containsExactlyInAnyOrder(
              "small1",
              "small2",
              "{\"id\":\"small\",\"count\":0}",
              "last1",
              "last2",
              "{\"id\":\"last\",\"count\":0}");
    }
  }

  @Test
  void aFunctionIsRunByHandWithATextAsItsMessage() {
    try (TestHost host = host(Says.class)) {
      assertThat(host.run("Says", "by hand").statusCode()).isEqualTo(202);

      assertThat(Await.next(SEEN)).isEqualTo("by hand");
    }
  }
}
