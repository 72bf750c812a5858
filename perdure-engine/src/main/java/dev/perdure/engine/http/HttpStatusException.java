package dev.perdure.engine.http;

import dev.perdure.api.PerdureException;

/** A server answered with an error of its own (5xx) to a request that has a retry policy. */
public final class HttpStatusException extends PerdureException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * An answer of 500 or more.
   *
   * @param request what was answered, without what may be secret
   */
  public HttpStatusException(String request, int status) {
    super(
        "PD-1019",
        "%s was answered with status %d, an error of the server. The request's retry policy decides"
                .formatted(request, status)
            + " whether it is made again; without a policy the answer would be the result.");
    this.status = status;
  }

  /** The HTTP status, 500 or more. */
  public int status() {
    return status;
  }
}
