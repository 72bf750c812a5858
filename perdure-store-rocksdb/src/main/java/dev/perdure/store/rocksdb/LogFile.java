package dev.perdure.store.rocksdb;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

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
   * A buffer of which writes at multiples of {@link LogBlock#ALIGNMENT}, of multiples of it, can go
   * to the disk as they are.
   */
  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect((int) LogBlock.aligned(bytes) + LogBlock.ALIGNMENT - 1)
        .alignedSlice(LogBlock.ALIGNMENT)
        .limit(bytes)
        .slice();
  }

  /**
   * A channel closes itself when its thread is interrupted. An interrupted caller must not take the
   * log away from everyone else, so the channel is opened again and the operation repeated, which
   * positional reads and writes allow; the thread stays interrupted.
   *
   * <p>On Linux, what is aligned is written past the system's page cache ({@code O_DIRECT}), which
   * spares copying it and taking memory for what is hardly ever read again. File systems that
   * cannot do that are written to in the usual way.
   */
  final class Real implements LogFile {
    @FunctionalInterface
    private interface Operation<T> {
      T on(Channels channels) throws IOException;
    }

    /**
     * Ways to the file.
     *
     * @param usual through the page cache
     * @param direct past it; null if there is no such way
     */
    private record Channels(FileChannel usual, @Nullable FileChannel direct) {
      boolean areOpen() {
        return usual.isOpen() && (direct == null || direct.isOpen());
      }

      void close() throws IOException {
        try (direct) {
          usual.close();
        }
      }
    }

    private static final System.Logger LOGGER = System.getLogger(LogFile.class.getName());
    private static final @Nullable OpenOption DIRECT =
        System.getProperty("os.name").equals("Linux") ? directOption() : null;

    private final Path path;
    private volatile boolean directWorks = DIRECT != null;
    private volatile Channels channels;
    private volatile boolean closed;

    private Real(Path path) throws IOException {
      this.path = path;
      this.channels = openChannels();
    }

    /**
     * The option is the JDK's, not one of Java's: it is looked for, and done without if not there.
     */
    private static @Nullable OpenOption directOption() {
      try {
        for (Object option :
            Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
          if (option.toString().equals("DIRECT")) {
            return (OpenOption) option;
          }
        }
      } catch (ClassNotFoundException e) {
        // then there is none
      }
      return null;
    }

    private Channels openChannels() throws IOException {
      FileChannel usual =
          FileChannel.open(
              path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
      return new Channels(usual, DIRECT != null && directWorks ? openDirect(DIRECT) : null);
    }

    private @Nullable FileChannel openDirect(OpenOption direct) {
      try {
        return LogBlock.ALIGNMENT % Files.getFileStore(path).getBlockSize() == 0
            ? FileChannel.open(path, StandardOpenOption.WRITE, direct)
            : null;
      } catch (IOException | RuntimeException e) { // it is never a reason not to open
        directFailed(e);
        return null;
      }
    }

    private void directFailed(Exception reason) {
      directWorks = false;
      LOGGER.log(
          System.Logger.Level.DEBUG, () -> "Written through the page cache: " + path, reason);
    }

    @Override
    public void write(ByteBuffer bytes, long offset) throws IOException {
      int start = bytes.position();
      uninterrupted(open -> write(open, bytes.position(start), offset));
    }

    private ByteBuffer write(Channels open, ByteBuffer bytes, long offset) throws IOException {
      if (open.direct() == null || !directWorks || !isAligned(bytes, offset)) {
        return writeAll(open.usual(), bytes, offset);
      }
      int start = bytes.position();
      try {
        return writeAll(open.direct(), bytes, offset);
      } catch (ClosedChannelException e) {
        throw e;
      } catch (IOException e) {
        // The file system may only have seemed to be able to. If it is not that, this fails too.
        writeAll(open.usual(), bytes.position(start), offset);
        directFailed(e);
        return bytes;
      }
    }

    private static boolean isAligned(ByteBuffer bytes, long offset) {
      return bytes.isDirect()
          && bytes.alignmentOffset(bytes.position(), LogBlock.ALIGNMENT) == 0
          && bytes.remaining() % LogBlock.ALIGNMENT == 0
          && offset % LogBlock.ALIGNMENT == 0;
    }

    private static ByteBuffer writeAll(FileChannel open, ByteBuffer bytes, long offset)
        throws IOException {
      int start = bytes.position();
      while (bytes.hasRemaining()) {
        open.write(bytes, offset + bytes.position() - start);
      }
      return bytes;
    }

    @Override
    public void read(ByteBuffer bytes, long offset) throws IOException {
      int start = bytes.position();
      uninterrupted(
          open -> {
            bytes.position(start);
            int read = 0;
            while (bytes.hasRemaining() && read >= 0) {
              read = open.usual().read(bytes, offset + bytes.position() - start);
            }
            return bytes;
          });
    }

    @Override
    public void force() throws IOException {
      uninterrupted(
          open -> {
            open.usual().force(false);
            return open;
          });
    }

    @Override
    public long size() throws IOException {
      return uninterrupted(open -> open.usual().size());
    }

    private <T> T uninterrupted(Operation<T> operation) throws IOException {
      boolean interrupted = Thread.interrupted();
      try {
        while (true) {
          Channels current = channels;
          try {
            return operation.on(current);
          } catch (ClosedByInterruptException e) {
            interrupted = true;
            Thread.interrupted();
            reopen();
          } catch (ClosedChannelException e) {
            reopen(); // another thread was interrupted while it used the same file
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
      if (!channels.areOpen()) {
        channels.close();
        channels = openChannels();
      }
    }

    @Override
    public synchronized void close() throws IOException {
      closed = true;
      channels.close();
    }
  }
}
