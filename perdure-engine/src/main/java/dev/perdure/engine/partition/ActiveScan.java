package dev.perdure.engine.partition;

import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.Store;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes up the instances that had work under way when their host ended: some at a time, between
 * other work, and no more than there is room for. Used by the partition's thread only.
 */
final class ActiveScan {
  /** Rows that are listed at once; to read a hundred takes about a millisecond. */
  private static final int PAGE = 100;

  private final int partition;
  private final Store store;
  private final PartitionLog log;
  private final InstantSource clock;
  private final Situation situation;
  private final RedeliveryQueue redeliveries;
  private final Redeliveries handingOut;
  private final Orchestrations orchestrations;
  private final Entities entities;
  private @Nullable String cursor;

  ActiveScan(Common common, Orchestrations orchestrations, Entities entities) {
    this.partition = common.index();
    this.store = common.store();
    this.log = common.log();
    this.clock = common.config().clock();
    this.situation = common.situation();
    this.redeliveries = common.redeliveries();
    this.handingOut = new Redeliveries(common, orchestrations, entities);
    this.orchestrations = orchestrations;
    this.entities = entities;
  }

  /** Begins from the first. */
  void begin() {
    situation.scanning = true;
    cursor = null;
  }

  /** Looks at some more. Returns whether there is more to do just now. */
  boolean goOn() {
    handingOut.handOut();
    if (!situation.scanning) {
      noteStarted();
      return hasWork();
    }
    if (!hasRoom()) {
      return hasWork(); // what has not been looked at costs no memory yet
    }
    List<String> page = store.scanActive(partition, cursor, PAGE);
    for (String id : page) {
      if (!hasRoom()) {
        return hasWork(); // it goes on after the last one
      }
      cursor = id;
      try {
        if (Entities.isEntity(id)) {
          entities.recover(id, this::row);
        } else {
          orchestrations.recover(id, this::row);
        }
      } catch (CorruptStoreException | IllegalStateException e) {
        UnreadableRows.report(id, e);
      }
    }
    if (page.isEmpty()) {
      situation.scanning = false;
      noteStarted();
    }
    return hasWork();
  }

  private void noteStarted() {
    if (situation.mode() == LoopMode.RUN && !situation.started && redeliveries.isEmpty()) {
      log.whenDurable(() -> situation.started = true);
    }
  }

  private InstanceRow row(String id) {
    InstanceRow row = store.loadInstance(partition, id);
    if (row == null) {
      throw new IllegalStateException("It is listed as active, but has no row");
    }
    return row;
  }

  boolean hasWork() {
    return !situation.stopping
        && ((situation.scanning && hasRoom()) || redeliveries.hasWork(clock.millis()));
  }

  private boolean hasRoom() {
    return redeliveries.hasRoom() && entities.hasRoom() && orchestrations.sessions().hasRoom();
  }
}
