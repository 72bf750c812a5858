package dev.perdure.trigger.sql.sqlserver;

import java.time.Duration;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** All that is said to SQL Server in its own language, for one function and one table. */
final class Statements {
  static final String VERSION = "_az_func_ChangeVersion";
  static final String ATTEMPTS = "_az_func_AttemptCount";
  static final String EXPIRY = "_az_func_LeaseExpirationTime";

  private static final String STATE = "[az_func].[GlobalState]";
  private static final int LEASE_SECONDS = 60;

  // ---- looking up tables ----------------------------------------------------------------------

  static final String COMPATIBILITY =
      "SELECT compatibility_level FROM sys.databases WHERE database_id = DB_ID()";

  static final String TABLES =
      """
      SELECT s.name, t.name, t.object_id FROM sys.tables t
      JOIN sys.schemas s ON s.schema_id = t.schema_id""";

  static final String SCHEMAS = "SELECT name FROM sys.schemas";

  static final String DEFAULT_SCHEMA = "SELECT SCHEMA_NAME()";

  static final String MIN_VALID_VERSION = "SELECT CHANGE_TRACKING_MIN_VALID_VERSION(?)";

  static final String COLUMNS =
      """
      SELECT c.name, t.name, c.max_length, c.precision, c.scale, c.collation_name,
        t.is_assembly_type
      FROM sys.columns c JOIN sys.types t ON t.user_type_id = c.user_type_id
      WHERE c.object_id = ? ORDER BY c.column_id""";

  static final String KEYS =
      """
      SELECT c.name FROM sys.indexes i
      JOIN sys.index_columns ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id
      JOIN sys.columns c ON c.object_id = ic.object_id AND c.column_id = ic.column_id
      WHERE i.is_primary_key = 1 AND i.object_id = ? ORDER BY ic.key_ordinal""";

  // ---- one function and one table -------------------------------------------------------------

  private final TrackedFunction function;
  private final TrackedTable table;
  private final String leases;
  private final Duration lockTimeout;

  /**
   * For a function and a table.
   *
   * @param leasesTable the name of the table for leases; null for the usual one
   */
  Statements(
      TrackedFunction function,
      TrackedTable table,
      @Nullable String leasesTable,
      Duration lockTimeout) {
    this.function = function;
    this.table = table;
    this.leases =
        "[az_func]."
            + quoted(
                leasesTable == null
                    ? "Leases_%s_%d".formatted(function.id(), table.id())
                    : leasesTable);
    this.lockTimeout = lockTimeout;
  }

  /** Keeps others out until the transaction ends. */
  String lock() {
    return """
        DECLARE @result int;
        EXEC @result = sp_getapplock @Resource = N'_az_func_Trigger', @LockMode = N'Exclusive',
          @LockOwner = N'Transaction', @LockTimeout = %d;
        IF @result < 0 RAISERROR(N'The lock _az_func_Trigger is held by another host.', 16, 1);"""
        .formatted(lockTimeout.toMillis());
  }

  String createSchema() {
    return "IF SCHEMA_ID(N'az_func') IS NULL EXEC (N'CREATE SCHEMA [az_func]');";
  }

  String createState() {
    return """
        IF OBJECT_ID(N'%s', 'U') IS NULL
        CREATE TABLE %s (
          [UserFunctionID] char(16) NOT NULL,
          [UserTableID] int NOT NULL,
          [LastSyncVersion] bigint NOT NULL,
          [LastAccessTime] datetime NOT NULL DEFAULT GETUTCDATE(),
          PRIMARY KEY ([UserFunctionID], [UserTableID]));"""
        .formatted(STATE, STATE);
  }

  /** The row of the function, if it is not there; from that under its earlier id, if there is. */
  String insertState() {
    String earlier = function.earlierId() == null ? function.id() : function.earlierId();
    return """
        IF NOT EXISTS (SELECT 1 FROM %s WHERE %s)
        INSERT INTO %s ([UserFunctionID], [UserTableID], [LastSyncVersion])
        VALUES ('%s', %d, COALESCE(
          (SELECT [LastSyncVersion] FROM %s
            WHERE [UserFunctionID] = '%s' AND [UserTableID] = %d),
          CHANGE_TRACKING_MIN_VALID_VERSION(%d)));"""
        .formatted(
            STATE,
            ofFunction(),
            STATE,
            function.id(),
            table.id(),
            STATE,
            earlier,
            table.id(),
            table.id());
  }

  String createLeases() {
    return """
        IF OBJECT_ID(N'%s', 'U') IS NULL
        CREATE TABLE %s (
          %s,
          [%s] bigint NOT NULL,
          [%s] int NOT NULL,
          [%s] datetime2 NULL,
          PRIMARY KEY (%s));"""
        .formatted(
            leases.replace("'", "''"),
            leases,
            keys(
                (i, key) ->
                    "%s %s%s NOT NULL".formatted(quoted(key.name()), key.type(), key.collation()),
                ", "),
            VERSION,
            ATTEMPTS,
            EXPIRY,
            keys((i, key) -> quoted(key.name()), ", "));
  }

  /** Gives up changes that change tracking no longer has. */
  String raiseToMinimum() {
    return """
        UPDATE %s SET [LastSyncVersion] = CHANGE_TRACKING_MIN_VALID_VERSION(%d)
        WHERE %s AND [LastSyncVersion] < CHANGE_TRACKING_MIN_VALID_VERSION(%d);"""
        .formatted(STATE, table.id(), ofFunction(), table.id());
  }

  /** Version, operation and attempts of changed rows that nobody has, then all columns. */
  String readChanges(int rowsMax) {
    String columns =
        table.columns().stream()
            .map(column -> (isKey(column) ? "c." : "u.") + quoted(column) + " AS " + quoted(column))
            .collect(Collectors.joining(", "));
    return """
        %s
        SELECT TOP (%d) c.SYS_CHANGE_VERSION, c.SYS_CHANGE_OPERATION, l.[%s], %s
        FROM CHANGETABLE(CHANGES %s, @last) AS c
        LEFT JOIN %s AS l ON %s
        LEFT JOIN %s AS u ON %s
        WHERE ((l.[%s] IS NULL AND (l.[%s] IS NULL OR l.[%s] < c.SYS_CHANGE_VERSION))
            OR l.[%s] < SYSDATETIME())
          AND (l.[%s] IS NULL OR l.[%s] < %d)
        ORDER BY c.SYS_CHANGE_VERSION ASC;"""
        .formatted(
            declareLast(),
            rowsMax,
            ATTEMPTS,
            columns,
            tableName(),
            leases,
            same("c", "l"),
            tableName(),
            same("c", "u"),
            EXPIRY,
            VERSION,
            VERSION,
            EXPIRY,
            ATTEMPTS,
            ATTEMPTS,
            LeaseLoop.ATTEMPTS_MAX);
  }

  /** Takes leases on rows, which are a JSON array in the parameter. */
  String lease() {
    return """
        WITH incoming AS (%s)
        MERGE INTO %s WITH (HOLDLOCK) AS existing USING incoming ON %s
        WHEN MATCHED THEN UPDATE SET
          [%s] = incoming.[v], [%s] = existing.[%s] + 1,
          [%s] = DATEADD(second, %d, SYSDATETIME())
        WHEN NOT MATCHED THEN INSERT (%s, [%s], [%s], [%s])
          VALUES (%s, incoming.[v], 1, DATEADD(second, %d, SYSDATETIME()));"""
        .formatted(
            rows(),
            leases,
            same("existing", "incoming"),
            VERSION,
            ATTEMPTS,
            ATTEMPTS,
            EXPIRY,
            LEASE_SECONDS,
            keys((i, key) -> quoted(key.name()), ", "),
            VERSION,
            ATTEMPTS,
            EXPIRY,
            keys((i, key) -> "incoming." + quoted(key.name()), ", "),
            LEASE_SECONDS);
  }

  /** Extends leases on rows, which are a JSON array in the parameter. */
  String renew() {
    return """
        WITH incoming AS (%s)
        UPDATE l SET l.[%s] = DATEADD(second, %d, SYSDATETIME())
        FROM %s AS l JOIN incoming ON %s;"""
        .formatted(rows(), EXPIRY, LEASE_SECONDS, leases, same("l", "incoming"));
  }

  /** Notes that rows are dealt with, which are a JSON array in the parameter. */
  String release() {
    return """
        WITH incoming AS (%s)
        UPDATE l SET l.[%s] = incoming.[v], l.[%s] = 0, l.[%s] = NULL
        FROM %s AS l JOIN incoming ON %s
        WHERE l.[%s] <= incoming.[v];"""
        .formatted(rows(), VERSION, ATTEMPTS, EXPIRY, leases, same("l", "incoming"), VERSION);
  }

  /** Moves on to a version, if all changes up to there have been dealt with. */
  String moveOn(long newVersion) {
    return """
        %s
        DECLARE @open bigint;
        SELECT @open = COUNT_BIG(*)
        FROM CHANGETABLE(CHANGES %s, @last) AS c
        LEFT JOIN %s AS l ON %s
        WHERE c.SYS_CHANGE_VERSION <= %d
          AND (l.[%s] IS NULL OR l.[%s] <> c.SYS_CHANGE_VERSION OR l.[%s] IS NOT NULL)
          AND (l.[%s] IS NULL OR l.[%s] <> %d);
        IF @open = 0 AND @last < %d
        BEGIN
          UPDATE %s SET [LastSyncVersion] = %d, [LastAccessTime] = GETUTCDATE() WHERE %s;
          DELETE FROM %s WHERE [%s] <= %d;
        END;"""
        .formatted(
            declareLast(),
            tableName(),
            leases,
            same("c", "l"),
            newVersion,
            VERSION,
            VERSION,
            EXPIRY,
            ATTEMPTS,
            ATTEMPTS,
            LeaseLoop.ATTEMPTS_MAX,
            newVersion,
            STATE,
            newVersion,
            ofFunction(),
            leases,
            VERSION,
            newVersion);
  }

  // ---- parts ----------------------------------------------------------------------------------

  private String declareLast() {
    return """
        DECLARE @last bigint;
        SELECT @last = [LastSyncVersion] FROM %s WHERE %s;"""
        .formatted(STATE, ofFunction());
  }

  private String ofFunction() {
    return "[UserFunctionID] = '%s' AND [UserTableID] = %d".formatted(function.id(), table.id());
  }

  /** The rows of the parameter: keys under short names, so that none has to be quoted in JSON. */
  private String rows() {
    return "SELECT * FROM OPENJSON(?) WITH (%s, [v] bigint '$.v')"
        .formatted(
            keys((i, key) -> "%s %s '$.k%d'".formatted(quoted(key.name()), key.type(), i), ", "));
  }

  private String same(String one, String other) {
    return keys(
        (i, key) ->
            "%s.%s = %s.%s%s"
                .formatted(
                    one,
                    quoted(key.name()),
                    other,
                    quoted(key.name()),
                    other.equals("incoming") ? key.collation() : ""),
        " AND ");
  }

  private String keys(BiFunction<Integer, KeyColumn, String> form, String between) {
    return IntStream.range(0, table.keys().size())
        .mapToObj(i -> form.apply(i, table.keys().get(i)))
        .collect(Collectors.joining(between));
  }

  private boolean isKey(String column) {
    return table.keys().stream().anyMatch(key -> key.name().equals(column));
  }

  private String tableName() {
    return quoted(table.name().schema()) + "." + quoted(table.name().table());
  }

  static String quoted(String name) {
    return "[" + name.replace("]", "]]") + "]";
  }
}
