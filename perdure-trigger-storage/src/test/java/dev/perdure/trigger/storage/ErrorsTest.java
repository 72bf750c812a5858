package dev.perdure.trigger.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.microsoft.azure.functions.annotation.BlobTrigger;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.QueueTrigger;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.perdure.functions.host.HostedFunction;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said when something is wrong with storage, and that the host lives on. */
class ErrorsTest {
  private static final BlockingQueue<String> SEEN = new LinkedBlockingQueue<>();
  private static final String WRONG_KEY =
      Base64.getEncoder().encodeToString("not the key".getBytes(StandardCharsets.UTF_8));

  /** Takes messages. */
  public static class Queues {
    @FunctionName("Queues")
    public void says(
        @QueueTrigger(name = "m", queueName = "%QUEUE%", connection = "Account") String message) {
      SEEN.add(message);
    }
  }

  /** Takes blobs as they are announced. */
  public static class Events {
    @FunctionName("Events")
    public void says(
        @BlobTrigger(
                name = "b",
                path = "files/{name}",
                connection = "Account",
                source = "EventGrid")
            String content) {
      SEEN.add(content);
    }
  }

  /** Has a container that cannot be. */
  public static class BadNames {
    @FunctionName("BadQueue")
    public void queue(
        @QueueTrigger(name = "m", queueName = "not_a_queue", connection = "Account")
            String message) {
      SEEN.add(message);
    }

    @FunctionName("BadContainer")
    public void blob(
        @BlobTrigger(name = "b", path = "{c}/x", connection = "Account") String content) {
      SEEN.add(content);
    }
  }

  @TempDir Path home;
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final Logger logger = Logger.getLogger("dev.perdure.functions");
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          log.add(record.getMessage() + " " + record.getThrown());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.addHandler(handler);
  }

  @AfterEach
  void forget() {
    logger.removeHandler(handler);
    SEEN.clear();
  }

  private TestHost host(Map<String, String> settings, Class<?>... functions) {
    return TestHost.start(home, settings, functions);
  }

  private static HostedFunction function(TestHost host, String name) {
    return host.host.functions().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aConnectionThatIsMissingStopsItsFunctionAlone() {
    try (TestHost host = host(Map.of("QUEUE", "orders"), Queues.class)) {
      assertThat(function(host, "Queues").state()).isEqualTo(HostedFunction.State.BROKEN);
      assertThat(function(host, "Queues").notice())
          .contains("AzureWebJobsAccount")
          .contains("UseDevelopmentStorage=true means Azurite");
    }
  }

  @Test
  void namesThatCannotBeStopTheirFunctions() {
    Map<String, String> settings = Map.of("Account", "UseDevelopmentStorage=true");
    try (TestHost host = host(settings, BadNames.class, Events.class)) {
      assertThat(function(host, "BadQueue").notice()).contains("'not_a_queue' cannot be");
      assertThat(function(host, "BadContainer").notice()).contains("braces in the name");
      assertThat(function(host, "Events").notice()).contains("EventGrid").contains("10 seconds");
    }
  }

  @Test
  void aWrongKeyIsSaidAndNotShown() {
    Azurite azurite = Azurite.running();
    Map<String, String> settings =
        Map.of("Account", azurite.connectionString(WRONG_KEY), "QUEUE", Azurite.unique("orders"));

    try (TestHost host = host(settings, Queues.class)) {
      Await.until(
          "it is said",
          () -> log.stream().anyMatch(line -> line.contains("Check the key or the signature")));
      assertThat(log)
          .anyMatch(
              line ->
                  line.startsWith("The listener for function 'Queues' was unable to start.")
                      && line.contains("403")
                      && line.contains("'Account'"))
          .noneMatch(line -> line.contains(WRONG_KEY));
      assertThat(function(host, "Queues").state()).isEqualTo(HostedFunction.State.READY);
    }
  }

  @Test
  void aWrongKeyFailsAnOutputWithASentence() {
    Azurite azurite = Azurite.running();
    AzureBlobs blobs =
        new AzureBlobs(StorageConnection.parse("Account", azurite.connectionString(WRONG_KEY)));

    assertThatThrownBy(() -> blobs.write(new BlobPath("files", "a"), Content.text("x")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("does not let us write the blob 'files/a': it answers 403")
        .hasMessageContaining("setting of the connection 'Account'");
  }

  /** What comes of reading a blob from a service that always answers the same. */
  private static StorageException answered(HttpHandler service) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", service);
    server.start();
    try {
      AzureBlobs blobs =
          new AzureBlobs(
              StorageConnection.parse(
                  "Account",
                  "AccountName=a;AccountKey=%s;BlobEndpoint=http://127.0.0.1:%d"
                      .formatted(Azurite.KEY, server.getAddress().getPort())));
      return catchThrowableOfType(
          StorageException.class, () -> blobs.read(new BlobPath("files", "a"), null));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aServiceThatIsBusyIsAskedAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();

    StorageException failure =
        answered(
            exchange -> {
              asked.incrementAndGet();
              exchange.sendResponseHeaders(503, -1);
              exchange.close();
            });

    assertThat(failure).hasMessageContaining("it answers 503");
    assertThat(asked).hasValue(3);
  }

  @ParameterizedTest
  @CsvSource({
    "400, true",
    "409, true",
    "416, true",
    "401, false",
    "403, false",
    "429, false",
    "500, false",
    "503, false",
  })
  void anAnswerAboutTheBlobIsToldFromOneAboutTheAccount(int status, boolean lasting)
      throws Exception {
    StorageException failure =
        answered(
            exchange -> {
              exchange.sendResponseHeaders(status, -1);
              exchange.close();
            });

    assertThat(failure).hasMessageContaining("it answers " + status);
    assertThat(failure.isLasting()).isEqualTo(lasting);
  }

  @Test
  void aBlobThatMemoryDoesNotTakeIsNotRead() throws Exception {
    StorageException failure =
        answered(
            exchange -> {
              exchange.sendResponseHeaders(200, 3L << 30);
              exchange.getResponseBody().write(new byte[1]);
              exchange.getResponseBody().flush();
              exchange.close();
            });

    assertThat(failure).hasMessageContaining("it has 3221225472 bytes");
    assertThat(failure.isLasting()).isTrue();
  }

  @Test
  void aHostThatIsNotKnownIsSaid() {
    AzureQueue queue =
        new AzureQueue(
            StorageConnection.parse(
                "Account",
                "AccountName=a;AccountKey=%s;QueueEndpoint=http://nowhere.invalid"
                    .formatted(Azurite.KEY)),
            "orders");

    assertThatThrownBy(() -> queue.receive(1, Duration.ofSeconds(1)))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("http://nowhere.invalid")
        .hasMessageContaining("the name of the host is not known");
  }

  @Test
  void aServerThatIsAwayWhenTheHostStartsIsTriedAgainUntilItIsThere() throws Exception {
    Azurite azurite = Azurite.running();
    String name = Azurite.unique("orders");
    azurite
        .queue(name)
        .send(Base64.getEncoder().encodeToString("m".getBytes(StandardCharsets.UTF_8)));
    int port = freePort();
    String address = azurite.connection().queueService();
    int of = java.net.URI.create(address).getPort();
    Map<String, String> settings =
        Map.of(
            "Account",
            azurite.connectionString().replace("127.0.0.1:" + of, "127.0.0.1:" + port),
            "QUEUE",
            name);

    try (TestHost host = host(settings, Queues.class)) {
      Await.until(
          "it is said",
          () ->
              log.stream()
                  .anyMatch(
                      line ->
                          line.startsWith("The listener for function 'Queues' was unable to start.")
                              && line.contains("nothing accepts connections there")));
      assertThat(host.post("/admin/host/ping", "").statusCode()).isEqualTo(200);

      try (ServerSocket server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
        Thread.ofVirtual().start(() -> forward(server, of));
        assertThat(Await.next(SEEN)).isEqualTo("m");
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void forward(ServerSocket server, int port) {
    try {
      while (true) {
        Socket client = server.accept();
        Socket target = new Socket(InetAddress.getLoopbackAddress(), port);
        Thread.ofVirtual().start(() -> copy(client, target));
        Thread.ofVirtual().start(() -> copy(target, client));
      }
    } catch (IOException e) {
      // The test has ended.
    }
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One of them has ended.
    }
  }
}
