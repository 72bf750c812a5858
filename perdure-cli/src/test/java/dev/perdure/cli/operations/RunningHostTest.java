package dev.perdure.cli.operations;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.http.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RunningHostTest {
  /** A fatal alert of TLS 1.2: the handshake has failed. */
  private static final byte[] REFUSED = {0x15, 0x03, 0x03, 0, 2, 2, 40};

  /** How HTTP/2 begins, which gRPC speaks: settings, and the end of the connection. */
  private static final byte[] SETTINGS = {
    0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 127, -1, -1, -1, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 1
  };

  @Test
  void whatIsRefusedBeforeItIsAskedForHasNotBeenDone() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        RunningHost host =
            new RunningHost(URI.create("https://localhost:" + server.getLocalPort()), null)) {
      Thread.startVirtualThread(() -> answerAll(server, REFUSED, true));

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

  @Test
  @Timeout(60)
  void whatDoesNotSpeakHttpMayBeAPortForGrpc() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        RunningHost host =
            new RunningHost(URI.create("http://127.0.0.1:" + server.getLocalPort()), null)) {
      Thread.startVirtualThread(() -> answerAll(server, SETTINGS, false));

      assertThatThrownBy(() -> host.send(Request.of("GET", "/")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("does not speak HTTP, so nothing was asked of it")
          .hasMessageContaining("a port for gRPC?")
          .hasMessageContaining("--http-port")
          .hasMessageMatching("\\P{Cc}*");
    }
  }

  private static void answerAll(ServerSocket server, byte[] answer, boolean staysOpen) {
    try {
      while (true) {
        try (Socket client = server.accept()) {
          client.getInputStream().read(new byte[16_384]);
          client.getOutputStream().write(answer);
          if (staysOpen) {
            client.getInputStream().read(); // until it is closed over there
          }
        }
      }
    } catch (IOException closed) {
      // the test has ended
    }
  }
}
