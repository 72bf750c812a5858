package dev.perdure.trigger.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.storage.blob.models.AccessTier;
import com.google.gson.JsonParser;
import com.microsoft.azure.functions.OutputBinding;
import com.microsoft.azure.functions.annotation.BindingName;
import com.microsoft.azure.functions.annotation.BlobOutput;
import com.microsoft.azure.functions.annotation.BlobTrigger;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.QueueTrigger;
import com.microsoft.azure.functions.annotation.StorageAccount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions of blobs in a host, against a storage emulator. */
class BlobFunctionsTest {
  private static final BlockingQueue<String> SEEN = new LinkedBlockingQueue<>();

  /** Says what it gets. */
  public static class Says {
    @FunctionName("Says")
    public void says(
        @BlobTrigger(name = "b", path = "%CONTAINER%/in/{name}.txt", connection = "Account")
            String content,
        @BindingName("name") String name) {
      SEEN.add(name + ": " + content);
    }
  }

  /** Says what is known of a blob. */
  public static class Knows {
    @FunctionName("Knows")
    @StorageAccount("Account")
    public void says(
        @BlobTrigger(name = "b", path = "%CONTAINER%/{folder}/{file}.{ext}", dataType = "binary")
            byte[] content,
        @BindingName("folder") String folder,
        @BindingName("file") String file,
        @BindingName("ext") String ext,
        @BindingName("BlobTrigger") String path,
        @BindingName("Uri") String uri,
        @BindingName("Properties") String properties,
        @BindingName("Metadata") String metadata) {
      SEEN.add(Base64.getEncoder().encodeToString(content));
      SEEN.add(String.join(", ", folder, file, ext));
      SEEN.add(path);
      SEEN.add(uri);
      SEEN.add(properties);
      SEEN.add(metadata);
    }
  }

  /** Fails always. */
  public static class Fails {
    @FunctionName("Fails")
    public void fails(
        @BlobTrigger(name = "b", path = "%CONTAINER%", connection = "Account") String content) {
      SEEN.add(content);
      throw new IllegalStateException("no");
    }
  }

  /** Writes the blob that the other function waits for. */
  public static class Writes {
    @FunctionName("Writes")
    public void writes(
        @QueueTrigger(name = "m", queueName = "never-%CONTAINER%", connection = "Account")
            String message,
        @BlobOutput(name = "b", path = "%CONTAINER%/in/{QueueTrigger}.txt", connection = "Account")
            OutputBinding<String> blob) {
      blob.setValue("written by a function");
    }
  }

  @TempDir Path home;
  private final String container = Azurite.unique("files");
  private final String hostId = Azurite.unique("host");
  private Azurite azurite;

  @BeforeEach
  void begin() {
    azurite = Azurite.running();
  }

  @AfterEach
  void forget() {
    SEEN.clear();
  }

  private TestHost host(Class<?>... functions) {
    return host(home, false, functions);
  }

  private TestHost host(Path at, boolean disabled, Class<?>... functions) {
    return TestHost.start(
        at,
        Map.of(
            "AzureWebJobs.Says.Disabled",
            "" + disabled,
            "AzureWebJobsStorage",
            azurite.connectionString(),
            "Account",
            azurite.connectionString(),
            "CONTAINER",
            container,
            "AzureFunctionsWebHost__hostid",
            hostId),
        functions);
  }

  private void write(String name, String content) throws Exception {
    azurite.blobs().write(new BlobPath(container, name), Content.text(content));
  }

  private List<String> receipts() throws Exception {
    return azurite
        .blobs()
        .list("azure-webjobs-hosts", "blobreceipts/" + hostId + "/", null)
        .map(page -> page.blobs().stream().map(Map.Entry::getKey).toList())
        .orElse(List.of());
  }

  @Test
  void blobsThatAreThereBeforeTheFirstStartRunTheFunction() throws Exception {
    write("in/a.txt", "first");
    write("in/deep/b.txt", "second");
    write("in/c.csv", "does not match");

    try (TestHost host = host(Says.class)) {
      assertThat(List.of(Await.next(SEEN), Await.next(SEEN)))
          .containsExactlyInAnyOrder("a: first", "deep/b: second");
      String etag = azurite.blobs().info(new BlobPath(container, "in/a.txt")).orElseThrow().etag();
      assertThat(receipts())
          .contains(
              "blobreceipts/%s/Host.Functions.Says/\"%s\"/%s/in/a.txt"
                  .formatted(hostId, etag, container));
    }
    assertThat(SEEN).isEmpty();
  }

  @Test
  void aBlobRunsOnceAlsoWhenTheHostStartsAgainAndAgainWhenItIsReplaced() throws Exception {
    write("in/a.txt", "one");
    try (TestHost host = host(Says.class)) {
      assertThat(Await.next(SEEN)).isEqualTo("a: one");
    }
    write("in/b.txt", "new");
    try (TestHost host = host(Says.class)) {
      assertThat(Await.next(SEEN)).as("the old one does not run again").isEqualTo("b: new");
    }
    write("in/a.txt", "two");
    try (TestHost host = host(Says.class)) {
      assertThat(Await.next(SEEN)).isEqualTo("a: two");
    }
    assertThat(SEEN).isEmpty();
    assertThat(receipts()).hasSize(3);
  }

  @Test
  void aFunctionKnowsThePartsOfTheNameAndTheProperties() throws Exception {
    BlobPath path = new BlobPath(container, "x/y/z.tar.gz");
    azurite.blobs().write(path, new Content(new byte[] {0, -1}, Content.Kind.BINARY));

    try (TestHost host = host(Knows.class)) {
      assertThat(Base64.getDecoder().decode(Await.next(SEEN))).containsExactly(0, -1);
      assertThat(Await.next(SEEN)).isEqualTo("x/y, z.tar, gz");
      assertThat(Await.next(SEEN)).isEqualTo(container + "/x/y/z.tar.gz");
      assertThat(Await.next(SEEN)).startsWith("\"http://").endsWith("/x/y/z.tar.gz\"");
      var properties = JsonParser.parseString(Await.next(SEEN)).getAsJsonObject();
      assertThat(properties.get("ContentLength").getAsInt()).isEqualTo(2);
      assertThat(properties.get("ContentType").getAsString()).isEqualTo("application/octet-stream");
      assertThat(properties.get("ETag").getAsString()).startsWith("\"0x");
      assertThat(properties.get("BlobType").getAsString()).isEqualTo("BlockBlob");
      assertThat(Await.next(SEEN)).isEqualTo("{}");
    }
  }

  @Test
  void aBlobThatFailsFiveTimesIsInThePoisonQueueOfBlobs() throws Exception {
    write("bad", "content");

    try (TestHost host = host(Fails.class)) {
      for (int attempt = 1; attempt <= 5; attempt++) {
        assertThat(Await.next(SEEN)).isEqualTo("content");
      }
      awaitPoison("bad");
    }
    assertThat(SEEN).isEmpty();
  }

  @Test
  void aBlobWaitsForItsFunctionWithoutEnd() throws Exception {
    Dequeuing options =
        new Dequeuing(1, 0, 5, Duration.ZERO, Duration.ofSeconds(1), Duration.ofMinutes(1));
    BlobDispatch dispatch =
        new BlobDispatch(azurite.connection(), hostId, options, Duration.ofSeconds(1));

    dispatch.enqueue(new BlobMessage("F", "BlockBlob", new BlobPath(container, "a"), "0x1"));

    AzureQueue queue = azurite.queue("azure-webjobs-blobtrigger-" + hostId);
    assertThat(queue.receive(1, Duration.ofSeconds(1)).orElseThrow())
        .singleElement()
        .satisfies(
            message ->
                assertThat(Duration.between(message.inserted(), message.expires()))
                    .isGreaterThan(Duration.ofDays(36_500)));
  }

  @Test
  void aBlobThatIsRefusedAgainAndAgainIsInThePoisonQueue() throws Exception {
    write("archived", "content");
    Service.blobs(azurite.connection())
        .blobClient()
        .getBlobContainerClient(container)
        .getBlobClient("archived")
        .setAccessTier(AccessTier.ARCHIVE);

    try (TestHost host = host(Fails.class)) {
      awaitPoison("archived");
    }
    assertThat(SEEN).as("it could not be read").isEmpty();
  }

  private void awaitPoison(String name) throws Exception {
    AzureQueue poison = azurite.queue(BlobDispatch.POISON);
    Await.until(
        "it is in the poison queue",
        () ->
            poison.receive(32, Duration.ofSeconds(1)).orElse(List.of()).stream()
                .map(message -> BlobMessage.parse(message.text()))
                .anyMatch(message -> message.path().equals(new BlobPath(container, name))));
    Await.until("nothing waits", () -> azurite.count("azure-webjobs-blobtrigger-" + hostId) == 0);
  }

  @Test
  void whatAnOutputOfTheSameHostWritesIsFoundWithoutAListing() throws Exception {
    write("in/first.txt", "listed");
    try (TestHost host = host(Says.class, Writes.class)) {
      assertThat(Await.next(SEEN)).isEqualTo("first: listed");
      long before = System.nanoTime();

      assertThat(host.run("Writes", "second").statusCode()).isEqualTo(202);

      assertThat(Await.next(SEEN)).isEqualTo("second: written by a function");
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .as("the container is listed every 10 seconds")
          .isLessThan(Duration.ofSeconds(8));
    }
  }

  @Test
  void aFunctionIsRunByHandWithThePathOfABlob() throws Exception {
    try (TestHost host = host(home, true, Says.class)) {
      assertThat(host.run("Says", container + "/in/none.txt").body())
          .contains("There is no blob '%s/in/none.txt'.".formatted(container));
      assertThat(host.run("Says", container + "/other.csv").body())
          .contains("does not match the path of the trigger");
      assertThat(host.run("Says", "nonsense").body()).contains("it has to be container/name");

      write("in/hand.txt", "by hand");
      assertThat(host.run("Says", container + "/in/hand.txt").statusCode()).isEqualTo(202);

      assertThat(Await.next(SEEN)).isEqualTo("hand: by hand");
    }
  }

  @Test
  void hostsOfTheSameAppShareTheBlobs(@TempDir Path other) throws Exception {
    for (int i = 0; i < 20; i++) {
      write("in/" + i + ".txt", "content");
    }

    try (TestHost one = host(Says.class);
        TestHost two = host(other, false, Says.class)) {
      List<String> seen = new ArrayList<>();
      while (seen.size() < 20) {
        seen.add(Await.next(SEEN));
      }

      assertThat(seen).doesNotHaveDuplicates();
      Await.until("nothing waits", () -> azurite.count("azure-webjobs-blobtrigger-" + hostId) == 0);
    }
    assertThat(SEEN).isEmpty();
  }

  @Test
  void aFunctionIsToldAgainIfTellingHasFailedAndOnceIfNot() throws Exception {
    BlobReceipts receipts = new BlobReceipts(azurite.blobs(), hostId);
    BlobPath blob = new BlobPath(container, "in/a.txt");
    List<String> told = new ArrayList<>();

    assertThatThrownBy(
            () ->
                receipts.once(
                    "F",
                    blob,
                    "0x1",
                    () -> {
                      throw new StorageException("The queue is away.", new IOException());
                    }))
        .isInstanceOf(StorageException.class);
    assertThat(receipts.once("F", blob, "0x1", () -> told.add("again"))).isTrue();
    assertThat(receipts.once("F", blob, "0x1", () -> told.add("a third time"))).isTrue();
    assertThat(receipts.once("F", blob, "0x2", () -> told.add("another version"))).isTrue();
    assertThat(receipts.once("G", blob, "0x1", () -> told.add("another function"))).isTrue();

    assertThat(told).containsExactly("again", "another version", "another function");
  }

  @Test
  void whoComesWhileAnotherTellsHasToComeAgain() throws Exception {
    BlobReceipts receipts = new BlobReceipts(azurite.blobs(), hostId);
    BlobPath blob = new BlobPath(container, "in/a.txt");
    List<String> told = new ArrayList<>();

    boolean first =
        receipts.once(
            "F",
            blob,
            "0x1",
            () -> {
              told.add("by the first");
              assertThat(receipts.once("F", blob, "0x1", () -> told.add("by the second")))
                  .isFalse();
            });

    assertThat(first).isTrue();
    assertThat(told).containsExactly("by the first");
  }

  @Test
  void aListThatComesInPartsIsReadToItsEnd() throws Exception {
    for (int i = 0; i < 5; i++) {
      write("in/" + i + ".txt", "content");
    }
    List<String> found = new CopyOnWriteArrayList<>();

    try (BlobWatch watch =
        new BlobWatch(
            "F",
            new AzureBlobs(azurite.connection(), 2),
            BlobPattern.parse(container + "/in/{name}.txt"),
            Duration.ofMillis(50),
            (name, blob) -> found.add(name))) {
      watch.start();
      Await.until("all are found", () -> found.size() == 5);
      write("in/later.txt", "content");
      Await.until("so is what comes later", () -> found.contains("in/later.txt"));
    }

    assertThat(found).as("each is found once").hasSize(6).doesNotHaveDuplicates();
  }

  @Test
  void aBlobThatADeadHostWasTellingOfRunsWhenItsLeaseIsOver() throws Exception {
    write("in/a.txt", "first");
    String etag = azurite.blobs().info(new BlobPath(container, "in/a.txt")).orElseThrow().etag();
    BlobPath receipt = BlobReceipts.path(hostId, "F", new BlobPath(container, "in/a.txt"), etag);
    assertThat(azurite.blobs().createEmpty(receipt, Map.of("Incomplete", "true"))).isTrue();
    String lease = azurite.blobs().lease(receipt, 60).orElseThrow();
    BlobReceipts receipts = new BlobReceipts(azurite.blobs(), hostId);
    List<String> told = new CopyOnWriteArrayList<>();

    try (BlobWatch watch =
        new BlobWatch(
            "F",
            azurite.blobs(),
            BlobPattern.parse(container),
            Duration.ofMillis(50),
            (name, blob) ->
                receipts.once(
                    "F", new BlobPath(container, name), blob.etag(), () -> told.add(name)))) {
      watch.start();
      for (int i = 0; i < 3; i++) {
        String next = "in/" + i;
        write(next, "content");
        Await.until("others run meanwhile", () -> told.contains(next));
      }
      assertThat(told).doesNotContain("in/a.txt");

      azurite.blobs().release(receipt, lease);

      Await.until("it runs", () -> told.contains("in/a.txt"));
    }
    assertThat(told).doesNotHaveDuplicates();
  }

  @Test
  void aVersionThatWasReplacedBeforeItsTurnIsNotRun() throws Exception {
    write("in/a.txt", "new");
    BlobMessage old =
        new BlobMessage(
            "Host.Functions.Says", "BlockBlob", new BlobPath(container, "in/a.txt"), "0xOLD");
    azurite.queue("azure-webjobs-blobtrigger-" + hostId).send(old.text());

    try (TestHost host = host(Says.class)) {
      assertThat(Await.next(SEEN)).isEqualTo("a: new");
      Await.until("nothing waits", () -> azurite.count("azure-webjobs-blobtrigger-" + hostId) == 0);
    }
    assertThat(SEEN).isEmpty();
  }
}
