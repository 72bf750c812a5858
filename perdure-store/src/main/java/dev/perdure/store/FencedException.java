package dev.perdure.store;

/** A write under an epoch that is no longer the partition's; nothing was changed. */
public final class FencedException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** A write under epoch {@code epoch} where the partition is at {@code current}. */
  public FencedException(int partition, long epoch, long current) {
    super(
        "PD-2002",
        ("Partition %d: a write under epoch %d was refused, the partition has been taken over under"
                + " epoch %d. This host no longer owns it and stops working on it.")
            .formatted(partition, epoch, current),
        null);
  }
}
