package dev.perdure.functions.host;

import dev.perdure.functions.http.FunctionAccess;
import dev.perdure.http.Access;
import dev.perdure.http.Cors;
import dev.perdure.http.KeyFile;
import dev.perdure.http.PercentCoding;
import dev.perdure.http.durable.DurableHttpOptions;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a host: the master key, keys for all functions, keys of each function, and that of
 * the durable API. They are looked up with each request, so that changes count at once. Safe from
 * any thread.
 */
final class Keys implements FunctionAccess {
  static final String MASTER = "master";
  static final String HOST = "host/";
  static final String SYSTEM = "system/";
  private static final String FUNCTION = "function/";
  private static final String DEFAULT = "default";

  private final KeyFile file;
  private final boolean demanded;
  private final Cors cors;
  private final Access durable;

  private Keys(KeyFile file, boolean demanded, Cors cors) {
    this.file = file;
    this.demanded = demanded;
    this.cors = cors;
    this.durable = access(name -> name.equals(DurableHttpOptions.SYSTEM_KEY));
  }

  /**
   * None are demanded, of callers on this machine.
   *
   * @param file the keys, which can be changed all the same
   * @param cors which pages from elsewhere are let in
   */
  static Keys notDemanded(KeyFile file, Cors cors) {
    return new Keys(file, false, cors);
  }

  /** Those of a file are demanded; the master key and that of the durable API are made. */
  static Keys demanded(KeyFile file) {
    String unused = file.key(MASTER);
    unused = file.key(DurableHttpOptions.SYSTEM_KEY);
    Keys keys = new Keys(file, true, Cors.NONE);
    keys.makeDefault(HOST);
    return keys;
  }

  /** Where they are. */
  KeyFile file() {
    return file;
  }

  private void makeDefault(String prefix) {
    if (file.names().stream().noneMatch(name -> name.startsWith(prefix))) {
      String unused = file.key(prefix + DEFAULT);
    }
  }

  private Access access(java.util.function.Predicate<String> names) {
    return demanded
        ? Access.byKeysOf(file, name -> name.equals(MASTER) || names.test(name))
        : Access.local(cors::allows);
  }

  @Override
  public @Nullable Access of(String function, Level level) {
    if (level == Level.ANONYMOUS) {
      return null;
    }
    if (level == Level.ADMIN) {
      return access(name -> false);
    }
    String own = ofFunction(function);
    if (demanded) {
      makeDefault(own);
    }
    return access(name -> name.startsWith(HOST) || name.startsWith(own));
  }

  /** What the names of the keys of a function begin with. */
  static String ofFunction(String function) {
    return FUNCTION + function.toLowerCase(Locale.ROOT) + "/";
  }

  /** Who may use the admin API. Where no keys are demanded, pages from elsewhere may not. */
  Access admin() {
    return demanded ? access(name -> false) : Access.local();
  }

  /** Who may use the durable API. */
  Access durableAccess() {
    return durable;
  }

  /** How the durable API is protected now. */
  DurableHttpOptions durable() {
    return DurableHttpOptions.of(
        durable, demanded ? file.key(DurableHttpOptions.SYSTEM_KEY) : null);
  }

  /** What links to the durable API must carry; null for nothing. */
  @Nullable String linkQuery() {
    return demanded
        ? "code=" + PercentCoding.encode(file.key(DurableHttpOptions.SYSTEM_KEY))
        : null;
  }
}
