package dev.perdure.trigger.sql.query;

import com.google.gson.stream.JsonWriter;
import dev.perdure.trigger.sql.connect.Money;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rows of a query as a JSON array of objects. */
final class ResultJson {
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT);

  /** The type of SQL Server's {@code datetimeoffset}. */
  private static final int DATE_TIME_OFFSET = -155;

  private ResultJson() {}

  static String of(ResultSet rows) throws SQLException {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setHtmlSafe(false);
      json.beginArray();
      ResultSetMetaData columns = rows.getMetaData();
      List<String> names = names(labels(columns));
      Money money = money(rows, columns);
      while (rows.next()) {
        json.beginObject();
        for (int i = 1; i <= names.size(); i++) {
          json.name(names.get(i - 1));
          value(json, rows, columns, i, money);
        }
        json.endObject();
      }
      json.endArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** How amounts of money are written; null if there are none. */
  private static @Nullable Money money(ResultSet rows, ResultSetMetaData columns)
      throws SQLException {
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      if (type(columns, i).equals(Money.TYPE) && columns.getColumnType(i) == Types.DOUBLE) {
        return Money.of(rows.getStatement().getConnection());
      }
    }
    return null;
  }

  private static String type(ResultSetMetaData columns, int column) throws SQLException {
    return columns.getColumnTypeName(column).toLowerCase(Locale.ROOT);
  }

  private static List<String> labels(ResultSetMetaData columns) throws SQLException {
    List<String> labels = new ArrayList<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      labels.add(columns.getColumnLabel(i));
    }
    return labels;
  }

  /**
   * Names of which no two are alike, whatever their case: of columns with one label the first keeps
   * it, others get a number ({@code id}, {@code id1}), and columns without one are {@code Column1}
   * and so on. As ADO.NET names them, with which the functions host reads.
   */
  static List<String> names(List<String> labels) {
    Set<String> taken = labels.stream().map(ResultJson::folded).collect(Collectors.toSet());
    Set<String> given = new HashSet<>();
    List<String> names = new ArrayList<>();
    for (String label : labels) {
      String name = label;
      if (label.isEmpty() || !given.add(folded(label))) {
        String stem = label.isEmpty() ? "Column" : label;
        int number = 1;
        while (!taken.add(folded(stem + number))) {
          number++;
        }
        name = stem + number;
      }
      names.add(name);
    }
    return names;
  }

  private static String folded(String label) {
    return label.toLowerCase(Locale.ROOT);
  }

  private static void value(
      JsonWriter json, ResultSet rows, ResultSetMetaData columns, int column, @Nullable Money money)
      throws SQLException, IOException {
    String text = rows.getString(column);
    if (text == null) {
      json.nullValue();
      return;
    }
    String type = type(columns, column);
    switch (columns.getColumnType(column)) {
      case Types.BIT, Types.BOOLEAN -> {
        if (columns.getPrecision(column) > 1) {
          bits(json, text);
        } else {
          json.value(rows.getBoolean(column));
        }
      }
      case Types.TINYINT,
          Types.SMALLINT,
          Types.INTEGER,
          Types.BIGINT,
          Types.NUMERIC,
          Types.DECIMAL,
          Types.REAL,
          Types.FLOAT ->
          number(json, text);
      // What the driver of PostgreSQL takes its amounts of money for as well.
      case Types.DOUBLE ->
          number(json, money != null && type.equals(Money.TYPE) ? money.number(text) : text);
      case Types.DATE, Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE, DATE_TIME_OFFSET -> {
        LocalDateTime time = time(rows, columns.getColumnType(column), type, column);
        json.value(time == null ? text : DATE_TIME.format(time));
      }
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB ->
          json.value(Base64.getEncoder().encodeToString(rows.getBytes(column)));
      default -> json.value(text);
    }
  }

  /** MariaDB's are numbers, as they are for its trigger; PostgreSQL's are strings of bits. */
  private static void bits(JsonWriter json, String text) throws IOException {
    if (text.startsWith("b'")) {
      json.value(new BigInteger(text.substring(2, text.length() - 1), 2));
    } else {
      json.value(text);
    }
  }

  private static void number(JsonWriter json, String text) throws IOException {
    if (NUMBER.matcher(text).matches()) {
      json.jsonValue(text);
    } else {
      json.value(text);
    }
  }

  /** A time, in UTC if it has an offset; null if it is beyond those that have four digits. */
  private static @Nullable LocalDateTime time(ResultSet rows, int kind, String type, int column)
      throws SQLException {
    LocalDateTime time;
    if (kind == Types.DATE) {
      java.time.LocalDate date = rows.getObject(column, java.time.LocalDate.class);
      time = date == null ? null : date.atStartOfDay();
    } else if (type.equals("timestamptz")
        || kind == DATE_TIME_OFFSET
        || kind == Types.TIMESTAMP_WITH_TIMEZONE) {
      OffsetDateTime offset = rows.getObject(column, OffsetDateTime.class);
      time = offset == null ? null : offset.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime();
    } else {
      time = rows.getObject(column, LocalDateTime.class);
    }
    return time == null || time.getYear() < 0 || time.getYear() > 9999 ? null : time;
  }
}
