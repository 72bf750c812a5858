package dev.perdure.trigger.sql.connect;

import dev.perdure.functions.trigger.InvalidTriggerException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Reads connection strings in the forms that the databases and .NET have for them. */
final class ConnectionText {
  private ConnectionText() {}

  static Database parse(String setting, String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.startsWith("jdbc:postgresql:")) {
      return new Database(DatabaseKind.POSTGRESQL, text, Map.of());
    }
    if (lower.startsWith("postgresql://") || lower.startsWith("postgres://")) {
      return uri(setting, text, DatabaseKind.POSTGRESQL, "jdbc:postgresql://");
    }
    if (lower.startsWith("jdbc:mariadb:")) {
      return new Database(DatabaseKind.MARIADB, text, Map.of());
    }
    if (lower.startsWith("jdbc:mysql:")) {
      return new Database(
          DatabaseKind.MARIADB, "jdbc:mariadb:" + text.substring("jdbc:mysql:".length()), Map.of());
    }
    if (lower.startsWith("mariadb://") || lower.startsWith("mysql://")) {
      return uri(setting, text, DatabaseKind.MARIADB, "jdbc:mariadb://");
    }
    if (lower.startsWith("jdbc:sqlserver:")) {
      return new Database(DatabaseKind.SQL_SERVER, text, Map.of());
    }
    Map<String, String> pairs = lower.contains("://") ? Map.of() : Pairs.parse(setting, text);
    if (pairs.containsKey("host")) {
      return NpgsqlText.database(setting, pairs);
    }
    if (AdoNetText.isServer(pairs)) {
      return AdoNetText.database(setting, pairs);
    }
    throw wrong(setting, "is of no form that is known");
  }

  /** Never with the text itself, which has passwords. */
  static InvalidTriggerException wrong(String setting, String what) {
    return new InvalidTriggerException(
        """
        The connection string in the setting '%s' %s. Forms are: \
        Server=tcp:HOST,1433;Database=NAME;User Id=USER;Password=... for SQL Server; \
        postgresql://USER:...@HOST/NAME, jdbc:postgresql://HOST/NAME?user=USER&password=... \
        or Host=HOST;Username=USER;Password=...;Database=NAME for PostgreSQL; \
        jdbc:mariadb://HOST/NAME?user=USER&password=... or jdbc:mysql://... for MariaDB and MySQL."""
            .formatted(setting, what));
  }

  private static Database uri(String setting, String text, DatabaseKind kind, String jdbc) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      // The exception quotes the text, so it is not kept.
      throw wrong(
          setting, "is not a URI; in names and passwords, write other signs than letters as %XX");
    }
    String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
    int at = authority.lastIndexOf('@');
    Map<String, String> properties = new HashMap<>();
    if (at >= 0) {
      String[] user = authority.substring(0, at).split(":", 2);
      properties.put("user", decoded(user[0]));
      if (user.length == 2) {
        properties.put("password", decoded(user[1]));
      }
    }
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return new Database(
        kind,
        jdbc
            + authority.substring(at + 1)
            + path
            + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()),
        properties);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** A name as part of a JDBC address. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
