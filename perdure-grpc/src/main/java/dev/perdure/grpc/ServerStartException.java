package dev.perdure.grpc;

import dev.perdure.api.PerdureException;
import org.jspecify.annotations.Nullable;

/** A server cannot start, or would not be safe. */
public final class ServerStartException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** It would be open to others without protection. */
  public static final String UNPROTECTED = "PD-3001";

  /** The address is not to be had. */
  public static final String ADDRESS = "PD-3002";

  /** The files for TLS are of no use. */
  public static final String TLS = "PD-3003";

  /** The file of keys cannot be used. */
  public static final String KEYS = "PD-3004";

  public ServerStartException(String code, String message, @Nullable Throwable cause) {
    super(code, message, cause);
  }
}
