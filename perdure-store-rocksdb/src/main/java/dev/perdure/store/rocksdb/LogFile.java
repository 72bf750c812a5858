package dev.perdure.store.rocksdb;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file as the log sees it. Tests put one that fails in front of the real one. */
interface LogFile extends Closeable {
  /** Opens a file for reading and writing; makes it if it is not there. */
  @FunctionalInterface
  interface Opener {
    LogFile open(Path path) throws IOException;
  }

  /** Writes the whole buffer. */
  void write(ByteBuffer bytes, long offset) throws IOException;

  /** Fills the buffer as far as the file goes. */
  void read(ByteBuffer bytes, long offset) throws IOException;

  /** Returns when everything written is on the disk. */
  void force() throws IOException;

  long size() throws IOException;

  /** A real file. */
  static LogFile open(Path path) throws IOException {
    return new Real(path);
  }

  /**
   * A channel closes itself when its thread is interrupted. An interrupted caller must not take the
   * log away from everyone else, so the channel is opened again and the operation repeated, which
   * positional reads and writes allow; the thread stays interrupted.
   */
  final class Real implements LogFile {
    @FunctionalInterface
    private interface Operation<T> {
      T on(FileChannel channel) throws IOException;
    }

    private final Path path;
    private volatile FileChannel channel;
    private volatile boolean closed;

    private Real(Path path) throws IOException {
      this.path = path;
      this.channel = openChannel();
    }

    private FileChannel openChannel() throws IOException {
      return FileChannel.open(
          path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    }

    @Override
    public void write(ByteBuffer bytes, long offset) throws IOException {
      int start = bytes.position();
      uninterrupted(
          open -> {
            bytes.position(start);
            while (bytes.hasRemaining()) {
              open.write(bytes, offset + bytes.position() - start);
            }
            return bytes;
          });
    }

    @Override
    public void read(ByteBuffer bytes, long offset) throws IOException {
      int start = bytes.position();
      uninterrupted(
          open -> {
            bytes.position(start);
            int read = 0;
            while (bytes.hasRemaining() && read >= 0) {
              read = open.read(bytes, offset + bytes.position() - start);
            }
            return bytes;
          });
    }

    @Override
    public void force() throws IOException {
      uninterrupted(
          open -> {
            open.force(false);
            return open;
          });
    }

    @Override
    public long size() throws IOException {
      return uninterrupted(FileChannel::size);
    }

    private <T> T uninterrupted(Operation<T> operation) throws IOException {
      boolean interrupted = Thread.interrupted();
      try {
        while (true) {
          FileChannel current = channel;
          try {
            return operation.on(current);
          } catch (ClosedByInterruptException e) {
            interrupted = true;
            Thread.interrupted();
            reopen();
          } catch (AsynchronousCloseException e) {
            reopen(); // another thread was interrupted while it read the same file
          }
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }

    private synchronized void reopen() throws IOException {
      if (closed) {
        throw new AsynchronousCloseException();
      }
      if (!channel.isOpen()) {
        channel = openChannel();
      }
    }

    @Override
    public synchronized void close() throws IOException {
      closed = true;
      channel.close();
    }
  }
}
