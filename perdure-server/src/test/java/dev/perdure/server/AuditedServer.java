package dev.perdure.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.AuditReport;
import dev.perdure.engine.Inspection;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import dev.perdure.store.rocksdb.RocksStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A server whose hubs are audited once it is closed: whatever is left in them must have something
 * that will wake it.
 */
final class AuditedServer implements AutoCloseable {
  private final PerdureServer server;
  private final Path store;

  private AuditedServer(PerdureServer server, Path store) {
    this.server = server;
    this.store = store;
  }

  static AuditedServer start(ServerOptions options) {
    return new AuditedServer(PerdureServer.start(options), options.directory());
  }

  int httpPort() {
    return server.httpPort();
  }

  @Override
  public void close() {
    server.close();
    List<Path> hubs;
    try (Stream<Path> entries = Files.list(store)) {
      hubs = entries.filter(RocksStore::isHub).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(hubs).as("hubs in " + store).isNotEmpty();
    hubs.forEach(AuditedServer::audit);
  }

  private static void audit(Path hub) {
    try (Store store = RocksStore.open(hub);
        Inspection inspection = Inspection.of(store, new JacksonDataConverter())) {
      AuditReport report = inspection.audit();
      assertThat(report.findings()).as(() -> hub + ": " + report).isEmpty();
    }
  }
}
