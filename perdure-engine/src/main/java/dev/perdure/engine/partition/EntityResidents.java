package dev.perdure.engine.partition;

import dev.perdure.engine.entity.EntityState;
import dev.perdure.engine.entity.RunningBatch;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.Store;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The entities in memory, and the operations that wait for a worker elsewhere while their entity is
 * not: however many do, and for however long, costs little more than their ids. Used by the
 * partition's thread only.
 */
final class EntityResidents {
  /** Bytes of states and queues kept in memory of entities that could do without. */
  private static final long BYTES_MAX = 8 << 20;

  /** Entities looked at in one go when memory is to be freed. */
  private static final int EVICTED_AT_ONCE = 10_000;

  private final int partition;
  private final Store store;
  private final InstantSource clock;
  private final int most;
  private final long idleMillis;

  /** In the order in which they were last used. */
  private final Map<String, ResidentEntity> byId = new LinkedHashMap<>(16, 0.75f, true);

  /** Operations that wait for a worker, of entities that are not in memory, by their ids. */
  private final Map<String, RunningBatch> waiting = new HashMap<>();

  /** Bytes that have been read, about, since memory was last looked after. */
  private long readBytes;

  /**
   * None.
   *
   * @param most so many stay in memory if they could do without
   * @param idleMillis after so long without use they do not
   */
  EntityResidents(int partition, Store store, InstantSource clock, int most, long idleMillis) {
    this.partition = partition;
    this.store = store;
    this.clock = clock;
    this.most = most;
    this.idleMillis = idleMillis;
  }

  /** One that is in memory; null if it is not. */
  @Nullable ResidentEntity get(String id) {
    return byId.get(id);
  }

  /** One that is read if it is not in memory; null if there is none. */
  @Nullable ResidentEntity find(String id) {
    ResidentEntity e = byId.get(id);
    if (e == null) {
      InstanceRow row = store.loadInstance(partition, id);
      if (row != null) {
        e = read(row);
      }
    }
    return e;
  }

  /** One that is read if it is not in memory, and made if there is none. */
  ResidentEntity findOrNew(String id) {
    ResidentEntity e = find(id);
    if (e == null) {
      e = new ResidentEntity(new EntityState(id));
      add(e);
    }
    return e;
  }

  /** Takes one into memory that is not. */
  ResidentEntity read(InstanceRow row) {
    ResidentEntity e = ResidentEntity.of(row);
    e.lastUsedMillis = clock.millis();
    hasRead(e);
    add(e);
    return e;
  }

  /** What an entity needs to go on has been read. */
  void hasRead(ResidentEntity e) {
    readBytes += e.bytes();
  }

  /** Takes one into memory that is not; its operations may still wait for a worker. */
  void add(ResidentEntity e) {
    byId.put(e.id(), e);
    RunningBatch batch = waiting.remove(e.id());
    if (batch != null) {
      e.running = batch;
      e.runningElsewhere = true;
      e.runningAhead = e.state.hasOperationsAhead();
    }
  }

  /** Reads chunks of an entity's queue. */
  LongFunction<byte[]> rows(String id) {
    return chunk -> {
      byte[][] content = new byte[1][];
      store.readHistory(partition, id, chunk, 1, bytes -> content[0] = bytes);
      return content[0];
    };
  }

  /** Whether operations of an entity that is not in memory wait for a worker. */
  boolean isWaiting(String id) {
    return waiting.containsKey(id);
  }

  /** Whether it is this very object that is in memory, not one recovered meanwhile. */
  @SuppressWarnings("ReferenceEquality")
  boolean holds(ResidentEntity e) {
    return byId.get(e.id()) == e;
  }

  Collection<ResidentEntity> all() {
    return byId.values();
  }

  Set<String> ids() {
    return byId.keySet();
  }

  int size() {
    return byId.size();
  }

  /** Forgets all that is in memory. */
  void clear() {
    byId.clear();
    readBytes = 0;
  }

  /** Operations of entities that are not in memory are not waited for any more. */
  void abandonWaiting() {
    waiting.values().forEach(RunningBatch::abandon);
    waiting.clear();
  }

  /** Gives up the operations of an entity that is not in memory. */
  void abandonWaiting(String id) {
    RunningBatch batch = waiting.remove(id);
    if (batch != null) {
      batch.abandon();
    }
  }

  // ---- memory -------------------------------------------------------------------------------

  /** The rows of an entity have been written: it is forgotten if there are too many. */
  void written(ResidentEntity e) {
    if ((e.state.isEmpty() || byId.size() > most) && holds(e) && letGo(e)) {
      byId.remove(e.id());
    }
  }

  /** Whether so much was read lately that memory should be looked after. */
  boolean hasReadMuch() {
    return readBytes > BYTES_MAX;
  }

  /** Forgets entities that have not been used for long, or for longest if there are too many. */
  void evict() {
    long now = clock.millis();
    readBytes = 0;
    long bytes = 0;
    for (ResidentEntity e : byId.values()) {
      bytes += canGo(e) ? e.bytes() : 0;
    }
    int looked = 0;
    Iterator<ResidentEntity> eldestFirst = byId.values().iterator();
    while (eldestFirst.hasNext() && looked++ < EVICTED_AT_ONCE) {
      ResidentEntity e = eldestFirst.next();
      boolean tooMany = byId.size() > most || bytes > BYTES_MAX;
      long idle = now - e.lastUsedMillis; // below 0 if the clock went back meanwhile
      if (!tooMany && idle >= 0 && idle < idleMillis) {
        return;
      }
      long itsBytes = e.bytes();
      if (letGo(e)) {
        bytes -= itsBytes;
        eldestFirst.remove();
      }
    }
  }

  /** Whether all of an entity is in the store, and what it may have to run waits for a worker. */
  private static boolean canGo(ResidentEntity e) {
    RunningBatch batch = e.running;
    return batch == null ? e.isRemovable() : e.runningElsewhere && e.isStored() && !batch.isKept();
  }

  /**
   * Lets an entity go if it can, which it must then: whoever takes operations of it asks for them.
   */
  private boolean letGo(ResidentEntity e) {
    RunningBatch batch = e.running;
    if (!canGo(e) || (batch != null && !batch.forget())) {
      return false;
    }
    if (batch != null) {
      waiting.put(e.id(), batch);
    }
    return true;
  }
}
