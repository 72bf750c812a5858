package dev.perdure.bench.workloads;

import dev.perdure.bench.harness.WorkloadFailedException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A connection over which one request follows the other. It knows as much of HTTP as a server that
 * is measured answers with, so that little time goes into it.
 */
final class HttpConnection implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  HttpConnection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream(), 8 << 10);
    out = socket.getOutputStream();
  }

  /** A request as bytes. */
  static byte[] request(String method, String path, String body) {
    return "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(method, path, body.length(), body)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Sends a request and reads the answer, which must have a status. */
  void exchange(byte[] request, int status) throws IOException {
    out.write(request);
    String first = line();
    WorkloadFailedException.unless(
        first.startsWith("HTTP/1.1 " + status), "The answer is '%s', not %d.", first, status);
    int length = 0;
    for (String field = line(); !field.isEmpty(); field = line()) {
      if (field.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(field.substring("content-length:".length()).strip());
      }
    }
    in.skipNBytes(length);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder(64);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("The server has closed the connection.");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
