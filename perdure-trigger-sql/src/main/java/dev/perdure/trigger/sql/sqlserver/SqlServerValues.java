package dev.perdure.trigger.sql.sqlserver;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonPrimitive;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;

/** Values of SQL Server, as JSON. */
final class SqlServerValues {
  /** The type {@code datetimeoffset}. */
  private static final int DATE_TIME_OFFSET = -155;

  private SqlServerValues() {}

  static JsonElement of(ResultSet row, int column) throws SQLException {
    if (row.getObject(column) == null) {
      return JsonNull.INSTANCE;
    }
    return switch (row.getMetaData().getColumnType(column)) {
      case Types.BIT, Types.BOOLEAN -> new JsonPrimitive(row.getBoolean(column));
      case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT ->
          new JsonPrimitive(row.getLong(column));
      case Types.REAL -> new JsonPrimitive(row.getFloat(column));
      case Types.FLOAT, Types.DOUBLE -> new JsonPrimitive(row.getDouble(column));
      case Types.DECIMAL, Types.NUMERIC, MONEY, SMALL_MONEY ->
          new JsonPrimitive(row.getBigDecimal(column));
      case Types.TIMESTAMP ->
          new JsonPrimitive(
              DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
                  row.getObject(column, LocalDateTime.class)));
      case Types.TIME ->
          new JsonPrimitive(
              DateTimeFormatter.ISO_LOCAL_TIME.format(row.getObject(column, LocalTime.class)));
      case DATE_TIME_OFFSET ->
          new JsonPrimitive(
              DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                  row.getObject(column, OffsetDateTime.class)));
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY ->
          new JsonPrimitive(Base64.getEncoder().encodeToString(row.getBytes(column)));
      default -> new JsonPrimitive(row.getString(column));
    };
  }

  /** How the driver numbers the types for money. */
  private static final int MONEY = -148;

  private static final int SMALL_MONEY = -146;
}
