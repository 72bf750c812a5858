package com.microsoft.durabletask.azurefunctions;

/** As newer versions of the durable library throw it, in a package of theirs. */
public final class FailureAsJson extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A failure in the form of JSON. */
  public FailureAsJson(String message) {
    super(message);
  }
}
