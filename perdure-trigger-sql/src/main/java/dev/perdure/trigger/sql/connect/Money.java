package dev.perdure.trigger.sql.connect;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/**
 * Reads amounts of PostgreSQL's type {@code money}, which the server writes in the way of its
 * locale: {@code -1.234,50 €}. All have the same number of digits behind the point, which is known
 * when one amount is known. A session with another locale would not do: the server keeps a whole
 * number of the locale's smallest unit, so that a yen would be read as a cent.
 *
 * @param fractionDigits how many digits are behind the point
 */
public record Money(int fractionDigits) {
  /** The name of the type. */
  public static final String TYPE = "money";

  /** As a server writes its amounts to this connection. */
  public static Money of(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet one = statement.executeQuery("SELECT 1::numeric::money")) {
      one.next();
      return of(Objects.requireNonNull(one.getString(1)));
    }
  }

  /**
   * As a server writes its amounts.
   *
   * @param one an amount of 1
   */
  static Money of(String one) {
    return new Money(digits(one).length() - 1);
  }

  /**
   * An amount as a number. Signs of currencies have no digits, and minus is a sign or a
   * parenthesis.
   */
  public String number(String text) {
    BigDecimal amount = new BigDecimal(new BigInteger(digits(text)), fractionDigits);
    boolean isNegative =
        text.indexOf('-') >= 0 || text.indexOf('\u2212') >= 0 || text.indexOf('(') >= 0;
    return (isNegative ? amount.negate() : amount).toPlainString();
  }

  private static String digits(String text) {
    return text.replaceAll("[^0-9]", "");
  }
}
