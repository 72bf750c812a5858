package dev.perdure.trigger.sql.mariadb;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.DeleteRowsEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import com.github.shyiko.mysql.binlog.event.XidEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDataDeserializationException;
import com.github.shyiko.mysql.binlog.network.ServerException;
import dev.perdure.trigger.sql.change.CannotWatchException;
import dev.perdure.trigger.sql.change.Operation;
import java.io.IOException;
import java.io.Serializable;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the binary log on a thread of its own into a queue; when that is full, the server waits. Of
 * the log it takes what is about one table.
 */
final class BinlogReader implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.sql");

  private static final int QUEUED_MAX = 2000;
  private static final int CONNECT_SECONDS = 20;
  private static final int CLOSE_MILLIS = 2000;

  private static final int NO_RIGHT = 1227;

  /** Statements that say nothing about how tables look. */
  private static final Set<String> OF_TRANSACTIONS =
      Set.of("begin", "commit", "rollback", "savepoint", "start", "xa", "#");

  private static final Set<String> OF_ROWS =
      Set.of("insert", "update", "delete", "replace", "load");

  private final BinlogClient client;
  private final MariaCatalog catalog;
  private final BinlogRows rows;
  private final BlockingQueue<Item> queue = new LinkedBlockingQueue<>(QUEUED_MAX);
  private final CompletableFuture<Void> connected = new CompletableFuture<>();
  private final Map<Long, List<MariaColumn>> layouts = new HashMap<>();
  private @Nullable Thread thread;
  private MariaTable table;
  private boolean altered;
  private BinlogPosition position;
  private long toSkip;
  private volatile BinlogPosition seen;
  private volatile boolean closed;
  private volatile @Nullable Exception failure;

  /** What is in the queue. */
  sealed interface Item {
    /**
     * A changed row.
     *
     * @param before null for a new one
     * @param after null for a deleted one
     * @param position behind it
     */
    record Row(
        Operation operation,
        MariaTable table,
        @Nullable MariaRow before,
        @Nullable MariaRow after,
        BinlogPosition position)
        implements Item {}

    /** The end of a transaction of which there were rows. */
    record Commit(BinlogPosition position) implements Item {}

    /** There is nothing more. */
    record End(Exception why) implements Item {}
  }

  BinlogReader(BinlogClient client, MariaCatalog catalog, MariaTable table, BinlogPosition from) {
    this.client = client;
    this.catalog = catalog;
    this.table = table;
    this.rows = new BinlogRows(table.name());
    this.position = from.withRows(0);
    this.toSkip = from.rows();
    this.seen = from;
  }

  /**
   * Connects and begins.
   *
   * @throws CannotWatchException if the server does not give its log
   * @throws InterruptedException if the thread is interrupted
   */
  void start() throws InterruptedException {
    client.setEventDeserializer(rows.deserializer());
    client.registerEventListener(this::take);
    client.registerLifecycleListener(new Lifecycle());
    thread = Thread.ofVirtual().name("binary log for " + table.name()).start(this::live);
    try {
      connected.get(CONNECT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw explained(e.getCause() instanceof Exception cause ? cause : e);
    } catch (TimeoutException e) {
      throw new CannotWatchException("The server does not answer.", e);
    }
  }

  private static CannotWatchException explained(Exception e) {
    if (e instanceof CannotWatchException known) {
      return known;
    }
    if (e instanceof ServerException refusal && refusal.getErrorCode() == NO_RIGHT) {
      return MariaCatalog.mayNotRead(e);
    }
    return new CannotWatchException("The binary log cannot be read: %s".formatted(words(e)), e);
  }

  /** What the library says, and why: of an event it names only which, not that it was cut off. */
  private static String words(Exception e) {
    String said = e.getMessage() == null ? e.toString() : e.getMessage();
    return e instanceof EventDataDeserializationException && e.getCause() != null
        ? said + ": " + e.getCause()
        : said;
  }

  private void live() {
    Exception why;
    try {
      client.connect();
      why = new IOException("the server has ended the connection");
    } catch (IOException | RuntimeException e) {
      why = e;
    } catch (Error e) { // whoever waits for changes has to know that there will be none
      why = new IOException("reading has failed: " + e, e);
    }
    Exception first = failure;
    CannotWatchException reason = explained(first == null ? why : first);
    connected.completeExceptionally(reason);
    put(new Item.End(reason));
  }

  /** The next of the queue; null if there is none in time. */
  @Nullable Item poll(long millis) throws InterruptedException {
    return queue.poll(millis, TimeUnit.MILLISECONDS);
  }

  /**
   * How far has been read, if all of that has been taken from the queue; null if there is something
   * left in it.
   */
  @Nullable BinlogPosition seenIfAllTaken() {
    BinlogPosition now = seen;
    return queue.isEmpty() ? now : null;
  }

  // ---- events, on the thread of the connection ------------------------------------------------

  private final class Lifecycle implements BinaryLogClient.LifecycleListener {
    @Override
    public void onConnect(BinaryLogClient of) {}

    @Override
    public void onCommunicationFailure(BinaryLogClient of, Exception e) {
      fail(e);
    }

    /** Otherwise the library would go on with the next event. */
    @Override
    public void onEventDeserializationFailure(BinaryLogClient of, Exception e) {
      fail(e);
    }

    @Override
    public void onDisconnect(BinaryLogClient of) {}
  }

  private void fail(Exception e) {
    if (failure == null) {
      failure = e;
    }
    try {
      client.disconnect();
    } catch (IOException x) {
      e.addSuppressed(x);
    }
  }

  private void take(Event event) {
    if (failure != null || closed) {
      return;
    }
    try {
      EventHeaderV4 header = event.getHeader();
      switch (header.getEventType()) {
        case TRANSACTION_PAYLOAD -> throw MariaCatalog.compressed("binlog_transaction_compression");
        case PARTIAL_UPDATE_ROWS_EVENT ->
            throw new CannotWatchException(
                "The binary log has parts of JSON values, which cannot be read here. Set it: SET GLOBAL binlog_row_value_options = ''; what is in the log already can only be skipped.");
        // The library does not know what MariaDB writes when it compresses.
        case UNKNOWN -> throw MariaCatalog.compressed("log_bin_compress");
        // Its rows are in the log now; whether it is committed will be found elsewhere.
        case XA_PREPARE -> committed(header.getNextPosition());
        case FORMAT_DESCRIPTION -> begun(header);
        default -> take(event.getData(), header.getNextPosition());
      }
    } catch (SQLException | RuntimeException e) {
      // The library would log it and go on.
      fail(e);
    }
  }

  /** The first event of every file, also of one that is read from further on. */
  private void begun(EventHeaderV4 header) {
    long begunAt = header.getTimestamp() / 1000;
    if (begunAt > 0) { // otherwise it is not that of the file
      long origin = (begunAt << 32) | header.getServerId();
      if (position.origin() != 0 && position.origin() != origin) {
        throw new OtherLogException(position.file());
      }
      position = position.withOrigin(origin);
      seen = seen.withOrigin(origin);
    }
    // The server has accepted the position.
    connected.complete(null);
  }

  private void take(@Nullable EventData data, long next) throws SQLException {
    switch (data) {
      case RotateEventData rotated -> {
        if (!rotated.getBinlogFilename().equals(position.file())) {
          committed(
              new BinlogPosition(rotated.getBinlogFilename(), rotated.getBinlogPosition(), 0, 0));
        }
      }
      case XidEventData commit -> committed(next);
      case QueryEventData query -> statement(query.getSql(), next);
      case TableMapEventData map -> described(map);
      case WriteRowsEventData event -> {
        for (Serializable[] row : event.getRows()) {
          changed(
              Operation.INSERT, event.getTableId(), null, null, row, event.getIncludedColumns());
        }
      }
      case UpdateRowsEventData event -> {
        for (Map.Entry<Serializable[], Serializable[]> row : event.getRows()) {
          changed(
              Operation.UPDATE,
              event.getTableId(),
              row.getKey(),
              event.getIncludedColumnsBeforeUpdate(),
              row.getValue(),
              event.getIncludedColumns());
        }
      }
      case DeleteRowsEventData event -> {
        for (Serializable[] row : event.getRows()) {
          changed(
              Operation.DELETE, event.getTableId(), row, event.getIncludedColumns(), null, null);
        }
      }
      case null, default -> {}
    }
  }

  private void committed(long next) {
    committed(position.at(next));
  }

  private void committed(BinlogPosition behind) {
    if (position.rows() > 0) {
      put(new Item.Commit(behind));
    }
    position = behind;
    toSkip = 0;
    seen = behind;
  }

  private void statement(String sql, long next) throws SQLException {
    String stripped = sql.stripLeading();
    int end = 0;
    while (end < stripped.length() && Character.isLetter(stripped.charAt(end))) {
      end++;
    }
    // An event of the server's own begins with a sign; a statement of somebody's may with a
    // comment,
    // behind which anything can stand.
    boolean isServers = stripped.startsWith("# Dum") || stripped.isEmpty();
    String verb =
        end > 0
            ? stripped.substring(0, end).toLowerCase(Locale.ROOT)
            : isServers ? "#" : "(comment)";
    if (OF_ROWS.contains(verb)) {
      LOG.log(
          Level.ERROR,
          "A change of rows is in the binary log as a statement and not as rows, so it cannot be seen whether it concerns table ''{0}''. A session has set its own binlog_format; it has to be ROW.",
          table.name());
    }
    switch (verb) {
      case "begin", "savepoint", "#" -> {}
      case "commit", "rollback" -> committed(next);
      default -> {
        if (!OF_TRANSACTIONS.contains(verb)) {
          altered = true;
          committed(next);
          checkTable();
        }
      }
    }
  }

  private void checkTable() throws SQLException {
    MariaTable now = catalog.read(table.name());
    if (now == null) {
      throw new CannotWatchException(
          "Could not find table: '%s'. It has been dropped or renamed.".formatted(table.name()));
    }
  }

  private void described(TableMapEventData map) throws SQLException {
    if (!rows.isWanted(map)) {
      return;
    }
    int count = map.getColumnTypes().length;
    if (altered || count != table.columns().size()) {
      MariaTable now = catalog.read(table.name());
      table = now == null ? table : now;
      altered = false;
    }
    List<String> names =
        map.getEventMetadata() == null ? null : map.getEventMetadata().getColumnNames();
    List<MariaColumn> columns = table.columnsOf(count, names);
    if (columns == null) {
      layouts.remove(map.getTableId());
    } else {
      layouts.put(map.getTableId(), columns);
    }
  }

  /** A session may have set its own image of rows. */
  private static void requireWhole(List<MariaColumn> columns, @Nullable BitSet included) {
    for (int i = 0; included != null && i < columns.size(); i++) {
      if (!included.get(i) && !columns.get(i).mayBeLeftOut()) {
        throw new CannotWatchException(
            "The binary log has parts of rows, which a session with its own binlog_row_image has written. It has to be FULL.");
      }
    }
  }

  private void changed(
      Operation operation,
      long id,
      Serializable @Nullable [] before,
      @Nullable BitSet columnsBefore,
      Serializable @Nullable [] after,
      @Nullable BitSet columnsAfter) {
    position = position.withRows(position.rows() + 1);
    if (toSkip > 0) {
      toSkip--;
      return;
    }
    List<MariaColumn> columns = layouts.get(id);
    if (columns == null) {
      LOG.log(
          Level.ERROR,
          "A changed row of table ''{0}'' is skipped, because the table has been altered since and the binary log does not name columns. Set binlog_row_metadata=FULL to avoid that.",
          table.name());
      return;
    }
    requireWhole(columns, columnsBefore);
    requireWhole(columns, columnsAfter);
    put(
        new Item.Row(
            operation,
            table,
            MariaRow.of(columns, before, columnsBefore),
            MariaRow.of(columns, after, columnsAfter),
            position));
  }

  private void put(Item item) {
    try {
      while (!closed && !queue.offer(item, 1, TimeUnit.SECONDS)) {
        LOG.log(Level.TRACE, "The function takes its time");
      }
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      client.disconnect();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "A connection could not be closed", e);
    }
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      try {
        running.join(CLOSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
