package dev.perdure.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The store cannot be opened, read or written. The message says what failed, why, and what to do;
 * the code names the kind of error.
 */
public class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  /**
   * An error with its explanation.
   *
   * @param code a stable identifier such as {@code PD-2001}, listed in {@code docs/errors.md}
   * @param message what failed, why, and what to do
   * @param cause the exception behind it, if any
   */
  public StoreException(String code, String message, @Nullable Throwable cause) {
    super(code + ": " + message, cause);
    this.code = code;
  }

  /** A stable identifier of the kind of error. */
  public String code() {
    return code;
  }

  /**
   * A commit for a partition whose earlier commit failed, so that nobody knows where its log ends.
   */
  public static StoreException mustBeAcquiredAgain(int partition, @Nullable Throwable failure) {
    return new StoreException(
        "PD-2008",
        ("Partition %d: a commit was refused because an earlier one failed, so the end of the log is"
                + " not known. Acquire the partition again and read its log.")
            .formatted(partition),
        failure);
  }

  /** A call to a store that has been closed. */
  public static StoreException closed(String what) {
    return new StoreException(
        "PD-2009", what + " is closed. Open it again; what was committed is still there.", null);
  }

  /**
   * A directory that cannot be made or written.
   *
   * @param what the directory, as the beginning of a sentence
   */
  public static StoreException notWritable(String what, IOException cause) {
    return new StoreException(
        "PD-2005",
        "%s cannot be made or written: %s %s. Check the path and its permissions."
            .formatted(what, cause.getClass().getSimpleName(), cause.getMessage()),
        cause);
  }

  /** A hub that was made with another number of partitions than the one asked for. */
  public static StoreException otherPartitions(String what, int actual, int wanted) {
    return new StoreException(
        "PD-2010",
        ("%s has %d partitions, but %d were asked for. The number is chosen when a hub is made and"
                + " never changes: open it with %d, or make a new hub elsewhere.")
            .formatted(what, actual, wanted, actual),
        null);
  }
}
