package dev.perdure.cli.operations;

import dev.perdure.http.Request;
import dev.perdure.http.Response;
import java.io.IOException;

/** What answers requests: a server that runs, or a hub that nobody has open. */
public interface Host extends AutoCloseable {
  /**
   * Sends a request and waits for the answer, whatever its status.
   *
   * @throws IOException if nobody answers, or does not let us in; its message says why
   */
  Response send(Request request) throws IOException, InterruptedException;

  @Override
  void close();

  /** What people call it, such as {@code http://127.0.0.1:7071}. */
  @Override
  String toString();
}
