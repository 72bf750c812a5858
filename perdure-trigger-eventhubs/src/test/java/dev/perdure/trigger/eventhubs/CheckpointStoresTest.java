package dev.perdure.trigger.eventhubs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.azure.messaging.eventhubs.CheckpointStore;
import com.azure.messaging.eventhubs.models.Checkpoint;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perdure.functions.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints in blobs, of a service that is not always well. */
@Timeout(60)
class CheckpointStoresTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  /** Something of the service that answers otherwise when it is asked for the first time. */
  private interface Trouble {
    void answer(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private final Map<String, String> written = new ConcurrentHashMap<>();
  private HttpServer service;
  private Trouble first;

  @BeforeEach
  void begin() throws IOException {
    service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.setExecutor(threads);
    service.createContext("/", this::answer);
    service.start();
  }

  @AfterEach
  void end() {
    service.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI())) {
        first.answer(exchange);
      } else {
        String path = exchange.getRequestURI().getPath();
        String number = exchange.getRequestHeaders().getFirst("x-ms-meta-sequencenumber");
        if (number != null) {
          written.put(path, number);
        }
        exchange.sendResponseHeaders(path.endsWith("/azure-webjobs-eventhub") ? 201 : 200, -1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void refuse(HttpExchange exchange, int status) throws IOException {
    byte[] why = "<Error/>".getBytes(StandardCharsets.UTF_8);
    boolean isHead = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, isHead ? -1 : why.length);
    if (!isHead) {
      exchange.getResponseBody().write(why);
    }
  }

  private CheckpointStore open(Duration answer) throws Exception {
    String connection =
        "AccountName=a;AccountKey=%s;BlobEndpoint=http://127.0.0.1:%d/a"
            .formatted(
                Base64.getEncoder().encodeToString(new byte[32]), service.getAddress().getPort());
    return CheckpointStores.inBlobs(Settings.of(Map.of("AzureWebJobsStorage", connection)), answer)
        .open();
  }

  private void assertThatACheckpointIsWritten(Duration answer) throws Exception {
    open(answer)
        .updateCheckpoint(
            new Checkpoint()
                .setFullyQualifiedNamespace("ns")
                .setEventHubName("hub")
                .setConsumerGroup("g")
                .setPartitionId("3")
                .setSequenceNumber(7L))
        .block(LONG);
    assertThat(written)
        .containsExactly(Map.entry("/a/azure-webjobs-eventhub/ns/hub/g/checkpoint/3", "7"));
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void aServiceThatIsBusyIsAskedAgain(int status) throws Exception {
    first = exchange -> refuse(exchange, status);
    assertThatACheckpointIsWritten(LONG);
  }

  @Test
  void aServiceThatDoesNotAnswerIsAskedAgain() throws Exception {
    first = exchange -> new CountDownLatch(1).await();
    assertThatACheckpointIsWritten(Duration.ofSeconds(1));
  }

  /** Soon: a host that closes waits for the last checkpoint. */
  @Test
  @Timeout(20)
  void aServiceThatStaysBusyIsSaid() {
    first =
        exchange -> {
          asked.clear(); // each time is the first
          refuse(exchange, 503);
        };
    assertThatThrownBy(() -> open(LONG))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("it answers 503.");
  }

  @Test
  void aRefusalIsSaid() {
    first = exchange -> refuse(exchange, 403);
    Throwable refusal = catchThrowable(() -> open(LONG));
    assertThat(refusal)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("AzureWebJobsStorage")
        .hasMessageEndingWith("it answers 403.");
    EventHubConnection hub =
        EventHubConnection.parse(
            "Hub", "Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k", "readings");
    assertThat(Failures.sentence(refusal.getCause(), hub, "g"))
        .as("it is not the event hub that refuses")
        .isEqualTo(refusal.getMessage());
  }
}
