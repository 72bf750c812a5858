package dev.perdure.trigger.sql.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** The messages of a replication slot. Used by one thread at a time. */
final class PgLog {
  private final PGReplicationStream stream;
  private final LogSocket socket;
  private final Duration status;

  /**
   * Reads a stream.
   *
   * @param socket the socket that the stream uses
   * @param status how often the server is told how far has been read while it has nothing to say
   */
  PgLog(PGReplicationStream stream, LogSocket socket, Duration status) {
    this.stream = stream;
    this.socket = socket;
    this.status = status;
  }

  /**
   * Waits for the next message.
   *
   * @param allDealtWith whether all that has been read has been dealt with: then so has all that
   *     the server says it has passed without anything for us
   */
  ByteBuffer read(boolean allDealtWith) throws SQLException {
    while (true) {
      ByteBuffer message = poll();
      if (message != null) {
        return message;
      }
      if (allDealtWith) {
        notePassed();
      }
      try {
        if (!socket.awaitReadable((int) status.toMillis())) {
          stream.forceUpdateStatus();
        }
      } catch (IOException e) {
        throw new SQLException("It was lost (" + e.getMessage() + ")", e);
      }
    }
  }

  /** The next message if it is there; null if not. */
  @Nullable ByteBuffer poll() throws SQLException {
    ByteBuffer message = stream.readPending();
    if (message == null && (stream.isClosed() || socket.isAtEnd())) {
      throw new SQLException("The server has closed it");
    }
    return message;
  }

  private void notePassed() {
    LogSequenceNumber passed = stream.getLastReceiveLSN();
    LogSequenceNumber noted = stream.getLastFlushedLSN();
    if (Long.compareUnsigned(passed.asLong(), noted.asLong()) > 0) {
      note(passed); // or the server would keep its log for as long as nothing changes here
    }
  }

  /**
   * Notes that all before a position has been dealt with; the next message to the server says so.
   */
  void note(LogSequenceNumber position) {
    stream.setFlushedLSN(position);
    stream.setAppliedLSN(position);
  }

  /** Tells the server how far has been dealt with, and that this is alive. */
  void tell() throws SQLException {
    stream.forceUpdateStatus();
  }
}
