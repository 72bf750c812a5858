package dev.perdure.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.store.LogRecord;
import dev.perdure.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log is cut where rows are durable, and nowhere else. */
class FlusherTest {
  private static final int COMMITS = 40;

  @TempDir Path directory;
  private final ExecutorService background = Executors.newSingleThreadExecutor();
  private RowTables tables;
  private CommitLog log;
  private Flusher flusher;

  @BeforeEach
  void open() throws IOException {
    tables = RowTables.open(directory.resolve("rows"), RocksStoreOptions.DEFAULTS);
    log =
        CommitLog.open(
            Files.createDirectory(directory.resolve("log")),
            1,
            64 << 10,
            LogFile::open,
            new PartitionLog[] {new PartitionLog(Long.MIN_VALUE)},
            new DirectExecutor());
    flusher = new Flusher(tables, log, new long[] {Long.MIN_VALUE}, background);
    for (int position = 1; position <= COMMITS; position++) {
      append(position); // of about 8 KiB each: eight in a file
    }
    flusher.startWritten(0, COMMITS);
  }

  @AfterEach
  void close() {
    background.close();
    log.close();
    tables.close();
  }

  private void append(long position) {
    log.lock.lock();
    try {
      log.append(
          List.of(new LogRecord(0, 1, position, position, ByteBuffer.wrap(new byte[8_000]))));
    } finally {
      log.lock.unlock();
    }
  }

  private int commitsThatAreThere() {
    int[] count = {0};
    log.read(Set.of(0), Long.MIN_VALUE, record -> count[0]++);
    return count[0];
  }

  @Test
  void aFlushFreesWhatRowsCover() {
    flusher.flush();
    assertThat(commitsThatAreThere()).isLessThan(COMMITS);
  }

  /** The rows that were written last are gone then, and so is the reason to cut there. */
  @Test
  void nothingIsFreedAfterTablesWereOpenedAgainHalfWay() {
    assertThatThrownBy(
            () ->
                flusher.meanwhile(
                    () -> {
                      throw new StoreException("PD-2011", "rows cannot be read", null);
                    }))
        .isInstanceOf(StoreException.class);
    flusher.flush();
    assertThat(commitsThatAreThere()).isEqualTo(COMMITS);

    flusher.meanwhile(() -> new long[] {10}); // the next attempt
    flusher.flush();
    assertThat(commitsThatAreThere()).isBetween(COMMITS - 10, COMMITS - 1);
  }
}
