package dev.perdure.store;

/**
 * Where the row of an instance stands in the indexes, as it was last written. Whoever replaces or
 * deletes a row says so, which saves the store from reading it first.
 *
 * @param status the status last written
 * @param createdAt the creation time last written, milliseconds since 1970
 * @param active whether the row was last written as active
 */
public record InstanceKey(int status, long createdAt, boolean active) {
  /** The key of a row. */
  public static InstanceKey of(InstanceRow row) {
    return new InstanceKey(row.columns().status(), row.columns().createdAt(), row.active());
  }
}
