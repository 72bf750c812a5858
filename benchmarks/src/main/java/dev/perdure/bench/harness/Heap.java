package dev.perdure.bench.harness;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import javax.management.ListenerNotFoundException;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;

/**
 * How much heap is in use: once, after a collection, or the peak over a time of what collections
 * left. Garbage that waits for a collection says how large the heap may grow, not what is needed.
 */
public final class Heap implements AutoCloseable {
  private static final Set<String> HEAP_POOLS =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .map(MemoryPoolMXBean::getName)
          .collect(Collectors.toUnmodifiableSet());

  private final AtomicLong peakBytes = new AtomicLong();
  private final Map<NotificationEmitter, NotificationListener> listeners = new HashMap<>();

  private Heap() {
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (collector instanceof NotificationEmitter emitter) {
        NotificationListener listener = (notification, handback) -> collected(notification);
        emitter.addNotificationListener(listener, null, null);
        listeners.put(emitter, listener);
      }
    }
  }

  /** Begins to look for the peak. */
  public static Heap watch() {
    return new Heap();
  }

  private void collected(Notification notification) {
    if (!GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION.equals(
        notification.getType())) {
      return;
    }
    long used =
        GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData())
            .getGcInfo()
            .getMemoryUsageAfterGc()
            .entrySet()
            .stream()
            .filter(pool -> HEAP_POOLS.contains(pool.getKey()))
            .mapToLong(pool -> pool.getValue().getUsed())
            .sum();
    peakBytes.accumulateAndGet(used, Math::max);
  }

  /** The most heap that a collection left in use so far, in MiB; collects now if none has run. */
  public double peakMiB() throws InterruptedException {
    return peakBytes.get() == 0 ? usedAfterGcMiB() : peakBytes.get() / (double) (1 << 20);
  }

  /** Heap in use once garbage is gone, in MiB. */
  public static double usedAfterGcMiB() throws InterruptedException {
    long least = Long.MAX_VALUE;
    // Reference queues and cleaners need a collection or two more before what they held is free.
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(100);
      least = Math.min(least, used());
    }
    return least / (double) (1 << 20);
  }

  private static long used() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Override
  public void close() {
    listeners.forEach(
        (emitter, listener) -> {
          try {
            emitter.removeNotificationListener(listener);
          } catch (ListenerNotFoundException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
