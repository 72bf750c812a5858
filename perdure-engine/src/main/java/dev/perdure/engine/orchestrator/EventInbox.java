package dev.perdure.engine.orchestrator;

import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.Payload;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * External events that nobody has waited for yet, and waiters for events that have not come yet.
 * For each name, the oldest event meets the oldest waiter. Names are compared without case.
 */
final class EventInbox {
  private record Buffered(long number, EventRaised event) {}

  /** Somebody who waits for an event. */
  static final class Waiter {
    private final Consumer<@Nullable Payload> taker;
    private boolean gone;

    private Waiter(Consumer<@Nullable Payload> taker) {
      this.taker = taker;
    }
  }

  private static final class Channel {
    private final Deque<Buffered> events = new ArrayDeque<>(2);
    private final Deque<Waiter> waiters = new ArrayDeque<>(2);
    private final String name;
    private int waiting;

    private Channel(String name) {
      this.name = name;
    }
  }

  private final Map<String, Channel> channels = new HashMap<>(2);
  private long arrivals;

  private Channel channel(String name) {
    return channels.computeIfAbsent(name.toLowerCase(Locale.ROOT), key -> new Channel(name));
  }

  /** Waits for the next event of a name that nobody else gets; it may be there already. */
  Waiter await(String name, Consumer<@Nullable Payload> taker) {
    Channel channel = channel(name);
    Waiter waiter = new Waiter(taker);
    Buffered event = channel.events.poll();
    if (event != null) {
      waiter.gone = true;
      taker.accept(event.event().payload());
    } else {
      channel.waiters.add(waiter);
      channel.waiting++;
    }
    return waiter;
  }

  /** Gives up waiting. */
  void leave(String name, Waiter waiter) {
    if (!waiter.gone) {
      waiter.gone = true;
      Channel channel = channel(name);
      channel.waiting--;
      if (channel.waiting == 0) {
        channel.waiters.clear();
      }
    }
  }

  /** Hands an event to the oldest waiter, or keeps it. */
  void arrived(EventRaised event) {
    Channel channel = channel(event.name());
    Waiter waiter;
    while ((waiter = channel.waiters.poll()) != null) {
      if (!waiter.gone) {
        waiter.gone = true;
        channel.waiting--;
        waiter.taker.accept(event.payload());
        return;
      }
    }
    channel.events.add(new Buffered(arrivals++, event));
  }

  /** The names of events that are waited for, in no special order but always the same one. */
  List<String> namesWaitedFor() {
    if (channels.isEmpty()) {
      return List.of();
    }
    List<String> names = new ArrayList<>(2);
    for (Channel channel : channels.values()) {
      if (channel.waiting > 0) {
        names.add(channel.name);
      }
    }
    names.sort(null);
    return names;
  }

  /** Events that nobody waited for, in the order in which they came. */
  List<EventRaised> buffered() {
    List<Buffered> all = new ArrayList<>();
    channels.values().forEach(channel -> all.addAll(channel.events));
    all.sort(Comparator.comparingLong(Buffered::number));
    List<EventRaised> events = new ArrayList<>(all.size());
    all.forEach(buffered -> events.add(buffered.event()));
    return events;
  }
}
