package dev.perdure.engine.orchestrator;

import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.Payload;
import dev.perdure.engine.instance.Instance;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
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

  /** Names that are told; each step is recorded with them. */
  static final int NAMES_MAX = 32;

  private final Map<String, Channel> channels = new HashMap<>(2);
  private final NavigableSet<String> waitedFor = new TreeSet<>();
  private int waiting;
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
      waiting++;
      waitedFor.add(channel.name);
    }
    return waiter;
  }

  /** Whether an event of a name is there, for the next who waits. */
  boolean hasEvent(String name) {
    return !channel(name).events.isEmpty();
  }

  /** How many wait. */
  int waiting() {
    return waiting;
  }

  /** Gives up waiting. */
  void leave(String name, Waiter waiter) {
    if (!waiter.gone) {
      waiter.gone = true;
      Channel channel = channel(name);
      waitsNoMore(channel);
      if (channel.waiters.size() > 2 * channel.waiting) { // now and then, not each time
        channel.waiters.removeIf(each -> each.gone);
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
        waitsNoMore(channel);
        waiter.taker.accept(event.payload());
        return;
      }
    }
    channel.events.add(new Buffered(arrivals++, event));
  }

  private void waitsNoMore(Channel channel) {
    waiting--;
    channel.waiting--;
    if (channel.waiting == 0) {
      waitedFor.remove(channel.name);
    }
  }

  /**
   * The names of events that are waited for, in their order; of many the first ones, with {@link
   * Instance#ANY_EVENT} at the end.
   */
  List<String> namesWaitedFor() {
    if (waitedFor.size() <= NAMES_MAX) {
      return List.copyOf(waitedFor);
    }
    return Stream.concat(waitedFor.stream().limit(NAMES_MAX), Stream.of(Instance.ANY_EVENT))
        .toList();
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
