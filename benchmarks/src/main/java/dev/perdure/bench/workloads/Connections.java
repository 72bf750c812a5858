package dev.perdure.bench.workloads;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;

/** Connections that are used in turn. */
final class Connections implements AutoCloseable {
  private final List<HttpConnection> all = new ArrayList<>();
  private final ArrayBlockingQueue<HttpConnection> free;

  Connections(int count, int port) throws IOException {
    free = new ArrayBlockingQueue<>(count);
    for (int i = 0; i < count; i++) {
      HttpConnection connection = new HttpConnection(port);
      all.add(connection);
      free.add(connection);
    }
  }

  /** Makes a request over a connection that is free. */
  void exchange(byte[] request, int status) {
    try {
      HttpConnection connection = free.take();
      connection.exchange(request, status);
      free.add(connection);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (HttpConnection connection : all) {
      connection.close();
    }
  }
}
