package dev.perdure.trigger.sql.postgres;

import dev.perdure.trigger.sql.change.CannotWatchException;
import dev.perdure.trigger.sql.change.ChangeStream;
import dev.perdure.trigger.sql.change.Collapse;
import dev.perdure.trigger.sql.change.Operation;
import dev.perdure.trigger.sql.change.RowChange;
import dev.perdure.trigger.sql.connect.SqlFailures;
import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;

/**
 * The changes that a replication slot gives. The server sends whole transactions when they have
 * been committed, and remembers the last one that was confirmed.
 *
 * <p>Reading and the use of functions alternate on one thread. Meanwhile the server waits, with
 * what the network has no room for still in its log.
 */
final class PgChangeStream implements ChangeStream {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.sql");

  /** A row that changes over and over fills no batch, but has to come to an end. */
  private static final int CHANGES_PER_ROW_MAX = 20;

  private static final String NO_SUCH_OBJECT = "42704";

  private final Connection replication;
  private final Connection connection;
  private final PgLog log;
  private final PgCatalog catalog;
  private final PgRows rows;
  private final PgTable table;
  private final PgTableWatch watch;

  private final Map<Integer, Watched> relations = new HashMap<>();

  /** The end of the last transaction that was read; null after it was confirmed. */
  private @Nullable LogSequenceNumber committed;

  /** Whether changes were handed out that have not been confirmed. */
  private boolean handedOut;

  /** Whether a transaction has begun to be read and not ended. */
  private boolean withinTransaction;

  /** Whether rows of the transaction that is being read have been read. */
  private boolean hasRows;

  /**
   * A table as the log describes it.
   *
   * @param computed whether it has columns that are not in the log
   */
  private record Watched(int id, Qualified name, PgLayout layout, boolean computed) {}

  /**
   * A row, as far as the log has it.
   *
   * @param row for a deleted row its key
   * @param whole whether all columns are there
   */
  private record Logged(Watched table, PgTuple row, boolean whole) {}

  /**
   * Takes over connections and closes them in the end.
   *
   * @param connection for other statements
   */
  PgChangeStream(
      PgLog log,
      Connection replication,
      Connection connection,
      PgCatalog catalog,
      PgTable table,
      PgTableWatch watch) {
    this.replication = replication;
    this.connection = connection;
    this.log = log;
    this.catalog = catalog;
    this.rows = new PgRows(connection, catalog);
    this.table = table;
    this.watch = watch;
  }

  @Override
  public List<RowChange> next(int rowsMax) throws Exception {
    try {
      while (true) {
        List<RowChange> changes = changes(read(rowsMax));
        if (!changes.isEmpty()) {
          handedOut = true;
          return changes;
        }
        confirm();
      }
    } catch (SQLException e) {
      throw explained(e);
    }
  }

  private Exception explained(SQLException e) {
    CannotWatchException problem = watch.problem();
    if (problem != null) {
      return problem;
    }
    if (Thread.currentThread().isInterrupted()) {
      return new InterruptedException();
    }
    if (NO_SUCH_OBJECT.equals(e.getSQLState())) {
      return new CannotWatchException(
          "%s A publication must have been there already when a row changed. If it was dropped, drop the replication slot of the same name as well; changes until then are lost."
              .formatted(SqlFailures.sentence(e)),
          e);
    }
    return new CannotWatchException(
        "The connection to the server has ended: %s".formatted(SqlFailures.sentence(e)), e);
  }

  // ---- reading --------------------------------------------------------------------------------

  /**
   * Waits for the first change, then takes those that are there. A transaction that has begun is
   * read to its end, as far as there is room: it is on its way.
   */
  private Collapse<Logged> read(int rowsMax) throws SQLException {
    Collapse<Logged> changes = new Collapse<>();
    long changesMax = (long) rowsMax * CHANGES_PER_ROW_MAX;
    for (long count = 0; changes.size() < rowsMax && count < changesMax; count++) {
      boolean allDealtWith = changes.isEmpty() && !withinTransaction && !handedOut;
      ByteBuffer data =
          changes.isEmpty() || withinTransaction ? log.read(allDealtWith) : log.poll();
      if (data == null) {
        break;
      }
      take(PgOutputDecoder.decode(data), changes);
    }
    return changes;
  }

  private void take(PgMessage message, Collapse<Logged> changes) throws SQLException {
    switch (message) {
      case PgMessage.Begin begin -> {
        withinTransaction = true;
        hasRows = false;
      }
      case PgMessage.Commit(long end) -> committed(LogSequenceNumber.valueOf(end), changes);
      case PgMessage.Relation relation -> relations.put(relation.id(), watched(relation));
      case PgMessage.Insert(int id, PgTuple row) ->
          add(Operation.INSERT, relation(id), row, changes);
      case PgMessage.Update(int id, PgTuple before, PgTuple row) ->
          update(relation(id), before, row, changes);
      case PgMessage.Delete(int id, PgTuple before) ->
          add(Operation.DELETE, relation(id), before, changes);
      case PgMessage.Truncate truncate ->
          LOG.log(
              Level.WARNING,
              "Table ''{0}'' has been emptied with TRUNCATE, which does not say what rows there were; its function does not hear of them.",
              table.name());
      case PgMessage.Other other -> {}
    }
  }

  private void committed(LogSequenceNumber end, Collapse<Logged> changes) throws SQLException {
    committed = end;
    if (changes.isEmpty()) {
      // Nothing of this transaction is still to be dealt with. If something was, say so at once.
      if (hasRows) {
        confirm();
      } else {
        log.note(end);
      }
    }
    withinTransaction = false;
  }

  private Watched watched(PgMessage.Relation relation) throws SQLException {
    Qualified name = new Qualified(relation.schema(), relation.name());
    PgLayout layout = PgLayout.of(relation.columns(), catalog.keys(relation.id()), catalog);
    if (!layout.hasKey()) {
      LOG.log(
          Level.WARNING,
          "Table ''{0}'' has no primary key any more, and no replica identity. Each change is told by itself.",
          name);
    }
    return new Watched(relation.id(), name, layout, catalog.hasComputed(relation.id()));
  }

  private Watched relation(int id) {
    Watched known = relations.get(id);
    if (known == null) {
      throw new IllegalStateException(
          "The server has sent a row of a table that it has not described.");
    }
    return known;
  }

  private void update(Watched of, @Nullable PgTuple before, PgTuple row, Collapse<Logged> changes) {
    if (before == null) {
      add(Operation.UPDATE, of, row, changes);
      return;
    }
    PgTuple complete = row.completedBy(before);
    if (Objects.equals(of.layout().key(before), of.layout().key(complete))) {
      add(Operation.UPDATE, of, complete, changes);
      return;
    }
    // With another key it is another row.
    add(Operation.DELETE, of, before, changes);
    add(Operation.INSERT, of, complete, changes);
  }

  private void add(Operation operation, Watched of, PgTuple row, Collapse<Logged> changes) {
    hasRows = true;
    boolean whole =
        operation == Operation.DELETE
            || (!row.hasUnchanged() && !of.computed())
            || !of.layout().hasKey(); // it cannot be found again
    changes.add(operation, of.layout().key(row), new Logged(of, row, whole));
  }

  // ---- rows -----------------------------------------------------------------------------------

  private List<RowChange> changes(Collapse<Logged> collapsed) throws SQLException {
    List<Collapse.Net<Logged>> net = collapsed.net();
    Map<List<String>, String> read = readAgain(net);
    List<RowChange> changes = new ArrayList<>(net.size());
    for (Collapse.Net<Logged> change : net) {
      Logged row = change.row();
      String item;
      if (change.operation() == Operation.DELETE) {
        item = row.table().layout().keyItem(row.row());
      } else if (row.whole()) {
        item = row.table().layout().item(row.row());
      } else {
        item = read.get(change.key());
      }
      // A row that has gone meanwhile is in the log as deleted, or with another key, further on.
      if (item != null) {
        changes.add(new RowChange(change.operation(), change.key(), item));
      }
    }
    return changes;
  }

  private Map<List<String>, String> readAgain(List<Collapse.Net<Logged>> net) throws SQLException {
    Map<Watched, List<List<String>>> missing = new LinkedHashMap<>();
    for (Collapse.Net<Logged> change : net) {
      if (!change.row().whole()) {
        missing.computeIfAbsent(change.row().table(), any -> new ArrayList<>()).add(change.key());
      }
    }
    Map<List<String>, String> read = new HashMap<>();
    for (Map.Entry<Watched, List<List<String>>> of : missing.entrySet()) {
      Watched from = of.getKey();
      read.putAll(rows.read(from.id(), from.name(), presentKey(from), of.getValue()));
    }
    return read;
  }

  /** The names that the columns of a key have now; they may have had others when a row changed. */
  private List<String> presentKey(Watched of) throws SQLException {
    List<String> then = of.layout().keyNames();
    List<String> columns = catalog.columns(of.id()).stream().map(PgMessage.Column::name).toList();
    if (columns.containsAll(then)) {
      return then;
    }
    List<String> now = catalog.keys(of.id());
    if (now.size() != then.size()) {
      throw new CannotWatchException(
          "The key of table '%s' has changed from (%s) to (%s), and rows from before that, which are not in the log as a whole, cannot be found again. Give it the key that it had, or drop the replication slot; changes until then are lost."
              .formatted(of.name(), String.join(", ", then), String.join(", ", now)));
    }
    return now;
  }

  // ---- confirming -----------------------------------------------------------------------------

  @Override
  public void confirm() throws SQLException {
    handedOut = false;
    LogSequenceNumber end = committed;
    if (end != null) {
      log.note(end);
      committed = null;
    }
    log.tell();
  }

  @Override
  public void keepAlive() throws SQLException {
    log.tell();
  }

  @Override
  public void close() {
    watch.close();
    closeQuietly(replication);
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
