package dev.perdure.trigger.sql.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A socket on which one can wait for data for a time without taking it. The driver itself waits for
 * ever, and sends no status messages meanwhile, so that a server with nothing to say takes it for
 * dead. Used by one thread at a time.
 */
final class LogSocket extends Socket {
  private static final int BUFFER = 8192;

  private @Nullable Input input;

  @Override
  public InputStream getInputStream() throws IOException {
    Input known = input;
    if (known == null) {
      known = new Input(super.getInputStream());
      input = known;
    }
    return known;
  }

  /** Waits until there is something to read, or the end; false if there is nothing in time. */
  boolean awaitReadable(int millis) throws IOException {
    getInputStream();
    Input known = input;
    return known == null || known.await(millis);
  }

  /** Whether the other side has closed, and all has been read. */
  boolean isAtEnd() {
    Input known = input;
    return known != null && known.ended && known.next == known.limit;
  }

  private final class Input extends InputStream {
    private final InputStream in;
    private final byte[] ahead = new byte[BUFFER];
    private int next;
    private int limit;
    private boolean ended;

    Input(InputStream in) {
      this.in = in;
    }

    boolean await(int millis) throws IOException {
      if (available() > 0 || ended) {
        return true;
      }
      int before = getSoTimeout();
      setSoTimeout(millis);
      try {
        int count = in.read(ahead);
        next = 0;
        limit = Math.max(count, 0);
        ended = count < 0;
        return true;
      } catch (SocketTimeoutException e) {
        return false;
      } finally {
        setSoTimeout(before);
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (next == limit) {
        return ended ? -1 : in.read(bytes, offset, length);
      }
      int count = Math.min(length, limit - next);
      System.arraycopy(ahead, next, bytes, offset, count);
      next += count;
      return count;
    }

    @Override
    public int available() throws IOException {
      return limit - next + (ended ? 0 : in.available());
    }

    @Override
    public void close() throws IOException {
      LogSocket.this.close();
    }
  }
}
