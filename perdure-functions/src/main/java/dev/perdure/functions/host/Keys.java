package dev.perdure.functions.host;

import dev.perdure.functions.http.FunctionAccess;
import dev.perdure.http.Access;
import dev.perdure.http.KeyFile;
import dev.perdure.http.durable.DurableHttpOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a host: the master key, keys for all functions, keys of each function, and that of
 * the durable API. Safe from any thread.
 */
final class Keys implements FunctionAccess {
  static final String MASTER = "master";
  static final String HOST = "host/default";

  private final @Nullable KeyFile file;

  private Keys(@Nullable KeyFile file) {
    this.file = file;
  }

  /** None are demanded, of callers on this machine. */
  static Keys notDemanded() {
    return new Keys(null);
  }

  /** Those of a file are demanded; what is missing is made. */
  static Keys of(KeyFile file) {
    return new Keys(file);
  }

  /** Whether any are demanded. */
  boolean areDemanded() {
    return file != null;
  }

  @Override
  public @Nullable Access of(String function, Level level) {
    if (level == Level.ANONYMOUS) {
      return null;
    }
    if (file == null) {
      return Access.local();
    }
    List<String> keys = new ArrayList<>();
    keys.add(file.key(MASTER));
    if (level == Level.FUNCTION) {
      keys.add(file.key(HOST));
      keys.add(file.key(ofFunction(function)));
    }
    return Access.byKey(keys.toArray(String[]::new));
  }

  /** The name of the key of a function. */
  static String ofFunction(String function) {
    return "function/" + function.toLowerCase(Locale.ROOT) + "/default";
  }

  /** Who may use the admin API. */
  Access admin() {
    return file == null ? Access.local() : Access.byKey(file.key(MASTER));
  }

  /** How the durable API is protected. */
  DurableHttpOptions durable() {
    if (file == null) {
      return DurableHttpOptions.of(Access.local(), null);
    }
    String key = file.key(DurableHttpOptions.SYSTEM_KEY);
    return DurableHttpOptions.of(Access.byKey(key, file.key(MASTER)), key);
  }

  /** What links to the durable API must carry; null for nothing. */
  @Nullable String linkQuery() {
    return file == null ? null : "code=" + file.key(DurableHttpOptions.SYSTEM_KEY);
  }
}
