package dev.perdure.store;

/**
 * Rows of a partition that were written, and not durable yet, are gone. They are in its log; until
 * it has been acquired again, none of its rows can be read.
 */
public final class RowsLostException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** For a partition. */
  public RowsLostException(int partition) {
    super(
        "PD-2013",
        ("Partition %d: rows that were not durable yet are gone, because the store had to be opened"
                + " again after an error. It recovers from its log, and nothing that was acknowledged"
                + " is lost; try again.")
            .formatted(partition),
        null);
  }
}
