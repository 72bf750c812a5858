package dev.perdure.store.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Opens real log files whose writes or syncs fail on demand. */
final class FaultyFile implements LogFile.Opener {
  /** What goes wrong. */
  enum Fault {
    NONE,
    /** Half of a write arrives. */
    TORN_WRITE,
    /** Nothing arrives, for lack of space. */
    DISK_FULL,
    /** All of it arrives, but nobody can be sure. */
    SYNC,
    /** Nothing can be read; writing is all right. */
    READ
  }

  volatile Fault fault = Fault.NONE;

  @Override
  public LogFile open(Path path) throws IOException {
    LogFile real = LogFile.open(path);
    return new LogFile() {
      @Override
      public void write(ByteBuffer bytes, long offset) throws IOException {
        switch (fault) {
          case DISK_FULL -> throw new IOException("No space left on device");
          case TORN_WRITE -> {
            real.write(bytes.slice(0, bytes.remaining() / 2), offset);
            throw new IOException("torn");
          }
          case NONE, SYNC, READ -> real.write(bytes, offset);
        }
      }

      @Override
      public void read(ByteBuffer bytes, long offset) throws IOException {
        if (fault == Fault.READ) {
          throw new IOException("read failed");
        }
        real.read(bytes, offset);
      }

      @Override
      public void force() throws IOException {
        if (fault == Fault.SYNC) {
          throw new IOException("sync failed");
        }
        real.force();
      }

      @Override
      public long size() throws IOException {
        return real.size();
      }

      @Override
      public void close() throws IOException {
        real.close();
      }
    };
  }
}
