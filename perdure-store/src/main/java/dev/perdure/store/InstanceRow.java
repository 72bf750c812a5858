package dev.perdure.store;

import org.jspecify.annotations.Nullable;

/**
 * The checkpoint of one instance.
 *
 * @param columns what it can be listed by
 * @param position the log position up to which the row is true
 * @param active whether recovery has to look at it: it has work under way that only memory knows
 * @param state everything else, opaque; null in lists that were asked for without it
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are handed over, rows are not compared
public record InstanceRow(
    InstanceColumns columns, long position, boolean active, byte @Nullable [] state) {

  /** The instance's id. */
  public String id() {
    return columns.id();
  }
}
