package dev.perdure.trigger.sql.mariadb;

import dev.perdure.trigger.sql.change.ChangeStream;
import dev.perdure.trigger.sql.change.Collapse;
import dev.perdure.trigger.sql.change.Operation;
import dev.perdure.trigger.sql.change.PositionStore;
import dev.perdure.trigger.sql.change.RowChange;
import dev.perdure.trigger.sql.mariadb.BinlogReader.Item;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The changes that the binary log has of a table. */
final class MariaChangeStream implements ChangeStream {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.sql");

  /** A row that changes over and over fills no batch, but has to come to an end. */
  private static final int CHANGES_PER_ROW_MAX = 20;

  private final BinlogReader reader;
  private final Connection connection;
  private final PositionStore store;

  /** How often a position without changes is noted, so that the server may remove its log. */
  private final Duration idle;

  /** Whether it was said that keys of rows are not known. */
  private boolean warned;

  private BinlogPosition taken;
  private BinlogPosition confirmed;

  /** The last item of all, once it has been taken; reported when what was before is dealt with. */
  private Item.@Nullable End ended;

  /**
   * Takes over a reader and a connection and closes them in the end.
   *
   * @param from where the reader has begun, which has been noted
   */
  MariaChangeStream(
      BinlogReader reader,
      Connection connection,
      PositionStore store,
      BinlogPosition from,
      Duration idle) {
    this.reader = reader;
    this.connection = connection;
    this.store = store;
    this.idle = idle;
    this.taken = from;
    this.confirmed = from;
  }

  @Override
  public List<RowChange> next(int rowsMax) throws Exception {
    Collapse<Known> changes = new Collapse<>();
    Item.Row last = null;
    boolean withinTransaction = false;
    long changesMax = (long) rowsMax * CHANGES_PER_ROW_MAX;
    for (long count = 0; changes.size() < rowsMax && count < changesMax; count++) {
      // A transaction that has begun is read to its end, as far as there is room.
      Item item = last == null || withinTransaction ? await(last == null) : reader.poll(0);
      if (item instanceof Item.Row row) {
        add(row, changes);
        taken = row.position();
        last = row;
        withinTransaction = true;
      } else if (item instanceof Item.Commit(BinlogPosition position)) {
        taken = position;
        withinTransaction = false;
        if (last == null) {
          confirm();
        }
      } else {
        ended = (Item.End) item;
        if (last == null && ended != null) {
          throw ended.why();
        }
        break;
      }
    }
    return changes(changes.net());
  }

  /**
   * The next item, in the end always the last.
   *
   * @param nothingTaken whether all that was taken before has been dealt with
   */
  private Item await(boolean nothingTaken) throws InterruptedException {
    Item item = ended;
    while (item == null) {
      item = reader.poll(idle.toMillis());
      if (item == null && nothingTaken) {
        noteIdle();
      }
    }
    return item;
  }

  private void noteIdle() {
    if (taken.rows() > 0) {
      // What has been seen is the beginning of this transaction, until it ends.
      return;
    }
    BinlogPosition seen = reader.seenIfAllTaken();
    if (seen != null && !seen.equals(confirmed)) {
      taken = seen;
      confirm();
    }
  }

  /**
   * A row and what tells it from others.
   *
   * @param keys the columns of its primary key; null if its values are not known
   */
  private record Known(MariaRow row, @Nullable List<String> keys) {
    /** What the function gets of it: of a deleted row the key, if that is known. */
    String item(Operation operation) {
      return operation == Operation.DELETE && keys != null ? row.item(keys) : row.item();
    }
  }

  private void add(Item.Row row, Collapse<Known> changes) {
    MariaRow before = row.before();
    MariaRow after = row.after();
    if (row.operation() == Operation.UPDATE && before != null && after != null) {
      List<String> oldKey = before.key(row.table().keys());
      List<String> newKey = after.key(row.table().keys());
      if (oldKey != null && newKey != null && !oldKey.equals(newKey)) {
        add(Operation.DELETE, row.table(), before, changes);
        add(Operation.INSERT, row.table(), after, changes);
        return;
      }
    }
    add(
        row.operation(),
        row.table(),
        Objects.requireNonNull(after == null ? before : after),
        changes);
  }

  private void add(Operation operation, MariaTable table, MariaRow row, Collapse<Known> changes) {
    List<String> key = row.key(table.keys());
    if (key == null && !warned) {
      warned = true;
      LOG.log(
          Level.WARNING,
          "The binary log has rows of table ''{0}'' from before its primary key was what it is now. Each of their changes is told by itself, and deleted rows with all their columns.",
          table.name());
    }
    changes.add(operation, key, new Known(row, key == null ? null : table.keys()));
  }

  private static List<RowChange> changes(List<Collapse.Net<Known>> net) {
    List<RowChange> changes = new ArrayList<>(net.size());
    for (Collapse.Net<Known> change : net) {
      changes.add(
          new RowChange(change.operation(), change.key(), change.row().item(change.operation())));
    }
    return changes;
  }

  @Override
  public void confirm() {
    store.write(taken.text());
    confirmed = taken;
  }

  /** The server waits without being told. */
  @Override
  public void keepAlive() {}

  @Override
  public void close() {
    reader.close();
    closeQuietly(connection);
  }

  static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.log(Level.DEBUG, "A connection could not be closed", e);
    }
  }
}
