package dev.perdure.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.store.Store;
import dev.perdure.store.testkit.CrashCopy;
import dev.perdure.store.testkit.StoreContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The RocksDB store keeps the promises of every store. */
class RocksStoreTest extends StoreContract {
  private static final RocksStoreOptions OPTIONS =
      RocksStoreOptions.DEFAULTS.withPartitions(PARTITIONS);

  @TempDir Path temporary;
  private int crashes;

  private Path directory() {
    return temporary.resolve("hub-" + crashes);
  }

  @Override
  protected Store open() {
    return RocksStore.open(directory(), OPTIONS);
  }

  /** What a killed process leaves is what its files hold at that moment. */
  @Override
  protected void crash(Store store) {
    Path before = directory();
    crashes++;
    CrashCopy.of(before, directory());
    store.close();
  }

  /** What it has to give its rows to is away for a moment. */
  @Override
  protected void loseRows(Store store) {
    Path rows = directory().resolve("rows");
    Path away = temporary.resolve("away");
    try {
      Files.move(rows, away);
      assertThatThrownBy(store::flush).hasMessageStartingWith("PD-2011");
      Files.move(away, rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected Store openBackup(Path backup) {
    return RocksStore.open(backup);
  }
}
