package dev.perdure.trigger.sql.query;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import dev.perdure.trigger.sql.connect.DatabaseKind;
import dev.perdure.trigger.sql.connect.Money;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** JSON values as parameters of statements. */
final class SqlValue {
  /** What an input has behind a date. */
  private static final Pattern DAY_BEGIN = Pattern.compile("T00:00:00(\\.0+)?Z?$");

  /** No integer is that long, and 1e999999999 should not become as many digits. */
  private static final int SCALE_MAX = 100;

  private SqlValue() {}

  /** Sets a parameter for a column. */
  static void set(
      PreparedStatement statement,
      int index,
      DatabaseKind kind,
      SqlTable.Column column,
      @Nullable JsonElement value)
      throws SQLException {
    if (value == null || value.isJsonNull()) {
      statement.setNull(index, kind == DatabaseKind.POSTGRESQL ? Types.VARCHAR : column.jdbcType());
    } else if (isBinary(column)) {
      statement.setBytes(index, Base64.getDecoder().decode(value.getAsString()));
    } else if (!(value instanceof JsonPrimitive primitive)) {
      statement.setString(index, value.toString());
    } else if (kind == DatabaseKind.POSTGRESQL) {
      setInPostgres(statement, index, column, primitive);
    } else if (primitive.isBoolean()) {
      statement.setBoolean(index, primitive.getAsBoolean());
    } else if (primitive.isNumber()) {
      statement.setBigDecimal(index, primitive.getAsBigDecimal());
    } else if (kind == DatabaseKind.MARIADB && column.jdbcType() == Types.TIMESTAMP) {
      statement.setString(index, withoutOffset(primitive.getAsString()));
    } else if (kind == DatabaseKind.MARIADB && column.jdbcType() == Types.DATE) {
      statement.setString(index, DAY_BEGIN.matcher(primitive.getAsString()).replaceFirst(""));
    } else {
      statement.setString(index, primitive.getAsString());
    }
  }

  /** The server takes text for every type, but reads that of an amount by its locale. */
  private static void setInPostgres(
      PreparedStatement statement, int index, SqlTable.Column column, JsonPrimitive value)
      throws SQLException {
    BigDecimal amount = column.typeName().equals(Money.TYPE) ? number(value.getAsString()) : null;
    if (amount == null) {
      statement.setString(index, text(column, value));
    } else {
      statement.setBigDecimal(index, amount);
    }
  }

  /**
   * A value as a text that its column takes: in JSON and in Java, whole numbers may be doubles, and
   * PostgreSQL takes no {@code 7.0} for an integer.
   */
  private static String text(SqlTable.Column column, JsonPrimitive value) {
    return isInteger(column) && value.isNumber()
        ? withoutFraction(value.getAsString())
        : value.getAsString();
  }

  private static boolean isInteger(SqlTable.Column column) {
    return switch (column.jdbcType()) {
      // A domain may stand for an integer.
      case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.DISTINCT -> true;
      default -> false;
    };
  }

  /** {@code 7} for {@code 7.0}; what is not whole stays, and is refused by the server. */
  private static String withoutFraction(String number) {
    BigDecimal value = number(number);
    if (value == null || Math.abs((long) value.scale()) > SCALE_MAX) {
      return number;
    }
    BigDecimal stripped = value.stripTrailingZeros();
    return stripped.scale() <= 0 ? stripped.toPlainString() : number;
  }

  private static @Nullable BigDecimal number(String text) {
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static boolean isBinary(SqlTable.Column column) {
    return switch (column.jdbcType()) {
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> true;
      default -> false;
    };
  }

  /** MariaDB knows neither the T nor the Z of ISO. */
  private static String withoutOffset(String text) {
    try {
      LocalDateTime time =
          text.matches(".*(Z|[+-]\\d{2}:\\d{2})")
              ? OffsetDateTime.parse(text).withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime()
              : LocalDateTime.parse(text);
      return time.toString().replace('T', ' ');
    } catch (DateTimeParseException e) {
      return text;
    }
  }
}
