package dev.perdure.trigger.sql.connect;

import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Connection strings as the .NET driver of PostgreSQL has them. */
final class NpgsqlText {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.sql");

  /** Keys that mean nothing to a driver without a pool, or that it decides itself. */
  private static final Set<String> IDLE =
      Set.of(
          "pooling",
          "minpoolsize",
          "minimumpoolsize",
          "maxpoolsize",
          "maximumpoolsize",
          "connectionidlelifetime",
          "connectionpruninginterval",
          "keepalive",
          "includeerrordetail",
          "persistsecurityinfo",
          "trustservercertificate",
          "commandtimeout",
          "noresetonclose",
          "enlist");

  private NpgsqlText() {}

  static Database database(String setting, Map<String, String> pairs) {
    Map<String, String> properties = new HashMap<>();
    String host = "localhost";
    String port = "";
    String name = "";
    for (Map.Entry<String, String> pair : pairs.entrySet()) {
      String value = pair.getValue();
      switch (pair.getKey()) {
        case "host" -> host = value;
        case "port" -> port = ":" + value;
        case "database", "db" -> name = value;
        case "username", "userid", "user", "uid" -> properties.put("user", value);
        case "password", "pwd" -> properties.put("password", value);
        case "sslmode" -> properties.put("sslmode", sslMode(setting, value));
        case "rootcertificate" -> properties.put("sslrootcert", value);
        case "timeout" -> properties.put("connectTimeout", value);
        case "applicationname" -> properties.put("ApplicationName", value);
        case "searchpath" -> properties.put("currentSchema", value);
        case "options" -> properties.put("options", value);
        default -> {
          if (!IDLE.contains(pair.getKey())) {
            LOG.log(
                Level.WARNING,
                "The connection string in the setting ''{0}'' has the key ''{1}'', which is not known and has no effect.",
                setting,
                pair.getKey());
          }
        }
      }
    }
    if (name.isEmpty()) {
      name = properties.getOrDefault("user", "");
    }
    return new Database(
        DatabaseKind.POSTGRESQL,
        "jdbc:postgresql://" + host + port + "/" + ConnectionText.encoded(name),
        properties);
  }

  private static String sslMode(String setting, String value) {
    return switch (value.toLowerCase(Locale.ROOT).replace("-", "").replace(" ", "")) {
      case "disable" -> "disable";
      case "allow" -> "allow";
      case "prefer" -> "prefer";
      case "require" -> "require";
      case "verifyca" -> "verify-ca";
      case "verifyfull" -> "verify-full";
      default -> throw ConnectionText.wrong(setting, "has an SSL Mode that is not known");
    };
  }
}
