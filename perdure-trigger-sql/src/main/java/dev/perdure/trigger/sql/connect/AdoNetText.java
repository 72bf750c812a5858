package dev.perdure.trigger.sql.connect;

import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Connection strings as the .NET driver of SQL Server has them, as properties of the JDBC driver.
 */
final class AdoNetText {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.sql");

  private static final Set<String> SERVER =
      Set.of("server", "datasource", "address", "addr", "networkaddress");

  /** Keys that mean nothing to a driver without a pool, or that it decides itself. */
  private static final Set<String> IDLE =
      Set.of(
          "pooling",
          "minpoolsize",
          "maxpoolsize",
          "multipleactiveresultsets",
          "persistsecurityinfo",
          "commandtimeout",
          "connectretrycount",
          "connectretryinterval",
          "loadbalancetimeout",
          "connectionlifetime",
          "enlist",
          "typesystemversion",
          "currentlanguage",
          "language",
          "replication");

  /** Keys whose values the driver takes as they are. */
  private static final Map<String, String> SAME =
      Map.ofEntries(
          Map.entry("initialcatalog", "databaseName"),
          Map.entry("database", "databaseName"),
          Map.entry("userid", "user"),
          Map.entry("uid", "user"),
          Map.entry("user", "user"),
          Map.entry("password", "password"),
          Map.entry("pwd", "password"),
          Map.entry("connecttimeout", "loginTimeout"),
          Map.entry("connectiontimeout", "loginTimeout"),
          Map.entry("timeout", "loginTimeout"),
          Map.entry("applicationname", "applicationName"),
          Map.entry("app", "applicationName"),
          Map.entry("applicationintent", "applicationIntent"),
          Map.entry("hostnameincertificate", "hostNameInCertificate"),
          Map.entry("servercertificate", "serverCertificate"),
          Map.entry("workstationid", "workstationID"),
          Map.entry("wsid", "workstationID"),
          Map.entry("packetsize", "packetSize"),
          Map.entry("failoverpartner", "failoverPartner"),
          Map.entry("serverspn", "serverSpn"));

  private AdoNetText() {}

  static boolean isServer(Map<String, String> pairs) {
    return pairs.keySet().stream().anyMatch(SERVER::contains);
  }

  static Database database(String setting, Map<String, String> pairs) {
    Map<String, String> properties = new HashMap<>();
    properties.put("applicationName", "perdure");
    for (Map.Entry<String, String> pair : pairs.entrySet()) {
      String key = pair.getKey();
      String value = pair.getValue();
      String same = SAME.get(key);
      if (same != null) {
        properties.put(same, value);
      } else if (SERVER.contains(key)) {
        server(setting, value, properties);
      } else if (!translated(setting, key, value, properties) && !IDLE.contains(key)) {
        LOG.log(
            Level.WARNING,
            "The connection string in the setting ''{0}'' has the key ''{1}'', which is not known and has no effect.",
            setting,
            key);
      }
    }
    return new Database(DatabaseKind.SQL_SERVER, "jdbc:sqlserver://", properties);
  }

  private static boolean translated(
      String setting, String key, String value, Map<String, String> properties) {
    switch (key) {
      case "encrypt" -> properties.put("encrypt", encrypt(setting, value));
      case "trustservercertificate" ->
          properties.put("trustServerCertificate", flag(setting, "TrustServerCertificate", value));
      case "multisubnetfailover" ->
          properties.put("multiSubnetFailover", flag(setting, "MultiSubnetFailover", value));
      case "integratedsecurity", "trusted_connection" -> {
        if (value.equalsIgnoreCase("sspi")
            || flag(setting, "Integrated Security", value).equals("true")) {
          properties.put("integratedSecurity", "true");
        }
      }
      case "authentication" -> properties.put("authentication", value.replace(" ", ""));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** {@code tcp:host\instance,port}; the local machine has several names. */
  private static void server(String setting, String value, Map<String, String> properties) {
    String rest = value.strip();
    String lower = rest.toLowerCase(Locale.ROOT);
    if (lower.startsWith("tcp:")) {
      rest = rest.substring("tcp:".length());
    } else if (lower.startsWith("np:")
        || lower.startsWith("lpc:")
        || lower.startsWith("admin:")
        || lower.startsWith("(localdb)")) {
      throw ConnectionText.wrong(
          setting, "names a server that can only be reached on Windows; use TCP: tcp:HOST,1433");
    }
    String port = after(rest, ',');
    if (port != null) {
      rest = rest.substring(0, rest.indexOf(','));
      if (!port.matches("\\d{1,5}")) {
        throw ConnectionText.wrong(setting, "has a port that is no number");
      }
      properties.put("portNumber", port);
    }
    String instance = after(rest, '\\');
    if (instance != null) {
      rest = rest.substring(0, rest.indexOf('\\'));
      properties.put("instanceName", instance);
    }
    String host = rest.strip();
    properties.put(
        "serverName",
        host.equals(".") || host.equalsIgnoreCase("(local)") || host.isEmpty()
            ? "localhost"
            : host);
  }

  private static @Nullable String after(String text, char sign) {
    int at = text.indexOf(sign);
    return at < 0 ? null : text.substring(at + 1).strip();
  }

  private static String encrypt(String setting, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "strict" -> "strict";
      case "mandatory" -> "true";
      case "optional" -> "false";
      default -> flag(setting, "Encrypt", value);
    };
  }

  private static String flag(String setting, String key, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true", "yes" -> "true";
      case "false", "no" -> "false";
      default ->
          throw ConnectionText.wrong(
              setting, "has a value for %s that is neither true nor false".formatted(key));
    };
  }
}
