package dev.perdure.store.rocksdb;

import dev.perdure.store.LogRecord;
import dev.perdure.store.RowBatch;
import dev.perdure.store.StoreException;
import dev.perdure.store.TimerRow;
import dev.perdure.store.testkit.Rows;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A second process that opens hubs, for tests that need one to lock or to kill. */
final class OtherProcess {
  private OtherProcess() {}

  static Process start(String task, Path directory) throws IOException {
    return start(task, directory, Path.of(System.getProperty("java.io.tmpdir")));
  }

  static Process start(String task, Path directory, Path temporary) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-Djava.io.tmpdir=" + temporary,
            "-cp",
            System.getProperty("java.class.path"),
            OtherProcess.class.getName(),
            task,
            directory.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Opens a hub and tells; then holds it, opens another one, or writes and tells how far it is. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[1]);
    RocksStore store = open(directory);
    if (store == null) {
      return;
    }
    switch (arguments[0]) {
      case "hold" -> System.in.read();
      case "another" -> {
        System.in.read();
        open(directory.resolveSibling("another"));
      }
      case "commit" -> commitForEver(store);
      case "rows" -> writeRowsForEver(store);
      default -> store.close();
    }
  }

  private static @Nullable RocksStore open(Path directory) {
    try {
      RocksStore store =
          RocksStore.open(
              directory,
              RocksStoreOptions.DEFAULTS.withLog(256 << 10, 1 << 20).withMemory(8 << 20, 2 << 20));
      System.out.println("opened");
      return store;
    } catch (StoreException e) {
      System.out.println(e.getMessage());
      return null;
    }
  }

  /** Writes to every table at once, so much that memory has to be flushed again and again. */
  private static void writeRowsForEver(RocksStore store) {
    long epoch = store.acquire(0, "other process");
    for (int number = 0; true; number++) {
      RowBatch rows = new RowBatch();
      String id = "i" + number;
      rows.put(Rows.instance(id, 1, number, true, "s"), null);
      rows.put(Rows.history(id, 1, 0, "x".repeat(2000)));
      rows.put(new TimerRow(number, id, 1));
      store.writeRows(0, epoch, rows);
      System.out.println(number);
    }
  }

  private static void commitForEver(RocksStore store) {
    long epoch = store.acquire(0, "other process");
    for (long position = 1; true; position++) {
      long committed = position;
      ByteBuffer data = ByteBuffer.allocate(1000).putLong(0, position);
      store.commit(
          List.of(new LogRecord(0, epoch, position, position, data)),
          failure -> System.out.println(failure == null ? Long.toString(committed) : "failed"));
    }
  }
}
