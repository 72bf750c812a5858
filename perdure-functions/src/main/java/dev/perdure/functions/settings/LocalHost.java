package dev.perdure.functions.settings;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code Host} of local.settings.json: how a host on a developer's machine listens.
 * Immutable.
 *
 * @param port the port for HTTP, from 0 (any that is free) to 65535; null if it is not given
 * @param address the address to listen on; null if it is not given
 * @param corsOrigins origins whose pages may call functions; {@code *} for all
 * @param corsCredentials whether they may send credentials
 */
public record LocalHost(
    @Nullable Integer port,
    @Nullable String address,
    List<String> corsOrigins,
    boolean corsCredentials) {
  /** Nothing is given. */
  public static final LocalHost DEFAULTS = new LocalHost(null, null, List.of(), false);

  /** Copies the list. */
  public LocalHost {
    corsOrigins = List.copyOf(corsOrigins);
  }
}
