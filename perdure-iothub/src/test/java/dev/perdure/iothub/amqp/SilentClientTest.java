package dev.perdure.iothub.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.iothub.device.Devices;
import dev.perdure.iothub.device.Policy;
import dev.perdure.iothub.event.EventStore;
import dev.perdure.iothub.event.HubSettings;
import io.vertx.core.Vertx;
import io.vertx.proton.ProtonClient;
import io.vertx.proton.ProtonConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that connect and say nothing. */
class SilentClientTest {
  private static final byte[] HEADER = {'A', 'M', 'Q', 'P', 0, 1, 0, 0};

  @TempDir Path directory;
  private final Vertx vertx = Vertx.vertx();
  private EventStore store;
  private AmqpFront front;

  private void start(Duration openWithin) throws Exception {
    store =
        EventStore.open(
            directory, List.of(new HubSettings("hub", 1, List.of())), InstantSource.system());
    front =
        new AmqpFront(
            new AmqpSettings("127.0.0.1", 0, new Policy("ours", "key"), false, openWithin),
            store,
            new Devices(directory),
            "hub",
            InstantSource.system());
    vertx.deployVerticle(front).await(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
    store.close();
  }

  private Socket connect() throws Exception {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), front.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  @Test
  void aConnectionThatIsNotOpenedIsClosed() throws Exception {
    start(Duration.ofMillis(50));
    assertSilentOnesAreClosed();
  }

  private void assertSilentOnesAreClosed() throws Exception {
    try (Socket silent = connect();
        Socket begun = connect()) {
      begun.getOutputStream().write(HEADER);
      begun.getOutputStream().flush();

      silent.getInputStream().readAllBytes(); // to its end
      begun.getInputStream().readAllBytes();
    }
  }

  @Test
  void oneThatIsOpenStaysHoweverLongItIsSilent() throws Exception {
    start(Duration.ofSeconds(3));
    CompletableFuture<ProtonConnection> opened = new CompletableFuture<>();
    CompletableFuture<Void> closed = new CompletableFuture<>();
    ProtonClient.create(vertx)
        .connect(
            "127.0.0.1",
            front.port(),
            result ->
                result
                    .result()
                    .openHandler(remote -> opened.complete(remote.result()))
                    .disconnectHandler(gone -> closed.complete(null))
                    .open());
    opened.get(10, TimeUnit.SECONDS);

    assertSilentOnesAreClosed(); // and they came later

    assertThat(closed).isNotDone();
  }
}
