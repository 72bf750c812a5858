package dev.perdure.cli.operations;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.http.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import org.junit.jupiter.api.Test;

class RunningHostTest {
  /** A fatal alert of TLS 1.2: the handshake has failed. */
  private static final byte[] REFUSED = {0x15, 0x03, 0x03, 0, 2, 2, 40};

  @Test
  void whatIsRefusedBeforeItIsAskedForHasNotBeenDone() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        RunningHost host =
            new RunningHost(URI.create("https://localhost:" + server.getLocalPort()), null)) {
      Thread.startVirtualThread(() -> refuseAll(server));

      assertThatThrownBy(() -> host.send(Request.of("GET", "/")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no trusted TLS")
          .hasMessageContaining("Nothing was asked of it");
    }
  }

  @Test
  void theOptionsAreNamedThatMayHaveGivenItAnotherPort() throws Exception {
    try (RunningHost host = new RunningHost(URI.create("http://127.0.0.1:1"), null)) {
      assertThatThrownBy(() -> host.send(Request.of("GET", "/")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("There is no server at http://127.0.0.1:1")
          .hasMessageContaining("--http-port")
          .hasMessageContaining("--port");
    }
  }

  private static void refuseAll(ServerSocket server) {
    try {
      while (true) {
        try (Socket client = server.accept()) {
          client.getInputStream().read(new byte[16_384]);
          client.getOutputStream().write(REFUSED);
          client.getInputStream().read(); // until it is closed over there
        }
      }
    } catch (IOException closed) {
      // the test has ended
    }
  }
}
