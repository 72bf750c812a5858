package dev.perdure.cli;

import dev.perdure.engine.Inspection;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import dev.perdure.store.rocksdb.RocksStore;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A hub in a directory that no program has open; it is looked at and left as it is. */
final class ClosedHub implements AutoCloseable {
  private final Store store;
  private final Inspection inspection;

  private ClosedHub(Store store, Inspection inspection) {
    this.store = store;
    this.inspection = inspection;
  }

  static ClosedHub open(Path directory) throws NoSuchFileException {
    if (!RocksStore.isHub(directory)) { // opening it would make one
      throw new NoSuchFileException(
          directory.toString(), null, "there is no hub here; name the directory of one");
    }
    Store store = RocksStore.open(directory);
    try {
      return new ClosedHub(store, Inspection.of(store, new JacksonDataConverter()));
    } catch (RuntimeException | Error e) {
      store.close();
      throw e;
    }
  }

  Inspection inspection() {
    return inspection;
  }

  @Override
  public void close() {
    inspection.close();
    store.close();
  }
}
