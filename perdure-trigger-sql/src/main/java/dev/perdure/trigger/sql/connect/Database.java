package dev.perdure.trigger.sql.connect;

import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A database, and how to connect to it. Immutable; never shows its contents, among which are
 * passwords.
 */
public final class Database {
  /**
   * Lets MariaDB and MySQL give and take values as they are in their log: points in time ({@code
   * timestamp}) in UTC and not in the zone of the server, and years as numbers.
   */
  public static final Map<String, String> AS_IN_LOG =
      Map.of("sessionVariables", "time_zone='+00:00'", "yearIsDateType", "false");

  private static final int LOGIN_SECONDS = 15;

  /**
   * A password in an address: before the host, or a parameter. With what is around it, since alone
   * it may be a word of any message.
   */
  private static final Pattern SECRET =
      Pattern.compile("(?i)//[^/?:@]*:([^/?]+@)|(?:password|pwd)=[^&;]+");

  private final DatabaseKind kind;
  private final String url;
  private final Map<String, String> properties;

  /**
   * A database.
   *
   * @param url the address for JDBC
   * @param properties for the driver, beside what the address has
   */
  Database(DatabaseKind kind, String url, Map<String, String> properties) {
    this.kind = kind;
    this.url = url;
    this.properties = Map.copyOf(properties);
  }

  /**
   * The database that a binding means.
   *
   * @param setting the name of the setting with the connection string; null if the binding has none
   * @throws InvalidTriggerException if there is none, or none that is known
   */
  public static Database of(@Nullable String setting, Settings settings) {
    if (setting == null) {
      throw new InvalidTriggerException(
          "connectionStringSetting is missing; it names the setting that has the connection string.");
    }
    String text = settings.connection(setting);
    if (text == null) {
      throw new InvalidTriggerException(
          "The connection string setting '%s' is missing in the app settings.".formatted(setting));
    }
    return ConnectionText.parse(setting, text.strip());
  }

  /** What it is. */
  public DatabaseKind kind() {
    return kind;
  }

  /** The address for JDBC; a secret. */
  public String url() {
    return url;
  }

  /** Properties for the driver, beside what the address has; a secret. */
  public Properties driverProperties() {
    Properties all = new Properties();
    all.putAll(properties);
    return all;
  }

  /** Connects. */
  public Connection connect() throws SQLException {
    return connect(Map.of());
  }

  /** Connects with more properties for the driver, which win. */
  public Connection connect(Map<String, String> more) throws SQLException {
    Driver driver =
        switch (kind) {
          case SQL_SERVER -> new com.microsoft.sqlserver.jdbc.SQLServerDriver();
          case POSTGRESQL -> new org.postgresql.Driver();
          case MARIADB -> new org.mariadb.jdbc.Driver();
        };
    Properties all = new Properties();
    switch (kind) {
      case POSTGRESQL -> {
        all.setProperty("loginTimeout", Integer.toString(LOGIN_SECONDS));
        all.setProperty("connectTimeout", Integer.toString(LOGIN_SECONDS));
        all.setProperty("ApplicationName", "perdure");
        all.setProperty("tcpKeepAlive", "true");
      }
      case SQL_SERVER, MARIADB -> {}
    }
    all.putAll(properties);
    all.putAll(more);
    Connection connection;
    try {
      connection = driver.connect(url, all);
    } catch (SQLException e) {
      if (quotesSecret(String.valueOf(e.getMessage()))) {
        // Without the cause, which would be logged with it.
        throw new SQLException(
            "The driver of %s cannot read the connection string. Is a port a number, and is each character that means something in an address written as %%XX, also in the password?"
                .formatted(kind.title()),
            e.getSQLState());
      }
      throw e;
    }
    if (connection == null) {
      throw new SQLException("The driver does not know the form of the connection string.");
    }
    return connection;
  }

  /** Drivers quote what they cannot read of an address, wherever in it a password begins. */
  private boolean quotesSecret(String message) {
    if (message.contains(url)) {
      return true;
    }
    Matcher secret = SECRET.matcher(url);
    while (secret.find()) {
      String found = secret.group(1) == null ? secret.group() : secret.group(1);
      if (message.contains(found)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return kind.title();
  }
}
