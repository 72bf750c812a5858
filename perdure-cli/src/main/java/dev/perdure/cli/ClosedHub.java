package dev.perdure.cli;

import dev.perdure.cli.operations.StoreDirectory;
import dev.perdure.engine.Inspection;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A hub in a directory that no program has open; it is looked at and left as it is. */
final class ClosedHub implements AutoCloseable {
  private final Store store;
  private final Inspection inspection;

  private ClosedHub(Store store, Inspection inspection) {
    this.store = store;
    this.inspection = inspection;
  }

  static ClosedHub open(Path directory) throws IOException {
    return open(directory, null);
  }

  /**
   * Opens a hub.
   *
   * @param hub which of several hubs; null for the default one, or the only one
   */
  static ClosedHub open(Path directory, @Nullable String hub) throws IOException {
    Store store = StoreDirectory.open(StoreDirectory.hub(directory, hub));
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
