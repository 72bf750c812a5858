package dev.perdure.trigger.sql.query;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/**
 * Reads amounts of PostgreSQL's type {@code money}, which the server writes in the way of its
 * locale: {@code -1.234,50 €}. All have the same number of digits behind the point, which is known
 * when one amount is known. A session with another locale would not do: the server keeps a whole
 * number of the locale's smallest unit, so that a yen would be read as a cent. Used by one thread.
 */
final class Money {
  /** The name of the type. */
  static final String TYPE = "money";

  private final ResultSet rows;
  private int fractionDigits = -1;

  /** The amounts that are in rows of a query. */
  Money(ResultSet rows) {
    this.rows = rows;
  }

  /** An amount as a number. */
  String number(String text) throws SQLException {
    if (fractionDigits < 0) {
      fractionDigits = fractionDigits(one());
    }
    return amount(text, fractionDigits).toPlainString();
  }

  private String one() throws SQLException {
    try (Statement statement = rows.getStatement().getConnection().createStatement();
        ResultSet one = statement.executeQuery("SELECT 1::numeric::money")) {
      one.next();
      return Objects.requireNonNull(one.getString(1));
    }
  }

  /**
   * How many digits are behind the point.
   *
   * @param one how the server writes an amount of 1
   */
  static int fractionDigits(String one) {
    return digits(one).length() - 1;
  }

  /** An amount; signs of currencies have no digits, and minus is a sign or a parenthesis. */
  static BigDecimal amount(String text, int fractionDigits) {
    BigDecimal amount = new BigDecimal(new BigInteger(digits(text)), fractionDigits);
    boolean isNegative =
        text.indexOf('-') >= 0 || text.indexOf('\u2212') >= 0 || text.indexOf('(') >= 0;
    return isNegative ? amount.negate() : amount;
  }

  private static String digits(String text) {
    return text.replaceAll("[^0-9]", "");
  }
}
