package dev.perdure.store.memory;

import dev.perdure.store.Store;
import dev.perdure.store.testkit.StoreContract;

/** The memory store keeps the promises of every store. */
class MemoryStoreTest extends StoreContract {
  private final MemoryDisk disk = new MemoryDisk();

  @Override
  protected Store open() {
    return MemoryStore.open(disk, PARTITIONS);
  }

  @Override
  protected void crash(Store store) {
    disk.crash();
  }

  @Override
  protected void loseRows(Store store) {
    ((MemoryStore) store).loseRows(0);
  }
}
