package dev.perdure.trigger.sql;

import dev.perdure.api.PerdureClient;
import dev.perdure.functions.trigger.HubMemory;
import dev.perdure.trigger.sql.change.PositionStore;
import dev.perdure.trigger.sql.connect.TableName;
import dev.perdure.trigger.sql.connect.TableName.Qualified;
import org.jspecify.annotations.Nullable;

/**
 * A position in the task hub, under the name that the table has in the database: an app may spell
 * it in several ways.
 *
 * @param formerName the name that earlier versions gave it, with the table as the app spells it
 */
record HubPosition(HubMemory memory, String name, String formerName) implements PositionStore {
  /** The position of a function in the changes of a table. */
  static HubPosition of(PerdureClient hub, String function, Qualified table, TableName spelled) {
    return new HubPosition(
        new HubMemory(hub),
        "sql/%s/%s".formatted(function, table),
        "sql/%s/%s".formatted(function, spelled.text()));
  }

  @Override
  public @Nullable String read() throws InterruptedException {
    String known = memory.read(name);
    if (known == null) {
      known = memory.read(formerName);
      if (known != null) {
        // The app may spell it otherwise from the next time on.
        write(known);
      }
    }
    return known;
  }

  @Override
  public void write(String position) {
    memory.write(name, position);
  }
}
