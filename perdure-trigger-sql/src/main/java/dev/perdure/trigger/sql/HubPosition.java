package dev.perdure.trigger.sql;

import dev.perdure.api.PerdureClient;
import dev.perdure.functions.trigger.HubMemory;
import dev.perdure.trigger.sql.change.PositionStore;
import org.jspecify.annotations.Nullable;

/** A position in the task hub. */
record HubPosition(HubMemory memory, String name) implements PositionStore {
  HubPosition(PerdureClient hub, String name) {
    this(new HubMemory(hub), name);
  }

  @Override
  public @Nullable String read() throws InterruptedException {
    return memory.read(name);
  }

  @Override
  public void write(String position) {
    memory.write(name, position);
  }
}
