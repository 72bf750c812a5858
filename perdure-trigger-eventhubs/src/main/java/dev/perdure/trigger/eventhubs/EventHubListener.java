package dev.perdure.trigger.eventhubs;

import com.azure.messaging.eventhubs.CheckpointStore;
import com.azure.messaging.eventhubs.EventData;
import com.azure.messaging.eventhubs.EventHubConsumerClient;
import com.azure.messaging.eventhubs.EventProcessorClient;
import com.azure.messaging.eventhubs.PartitionProperties;
import com.azure.messaging.eventhubs.models.CloseContext;
import com.azure.messaging.eventhubs.models.ErrorContext;
import com.azure.messaging.eventhubs.models.EventContext;
import com.azure.messaging.eventhubs.models.EventPosition;
import com.azure.messaging.eventhubs.models.PartitionContext;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Interruption;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Listening;
import dev.perdure.functions.trigger.Outcome;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Reads an event hub for one function. The client library connects, shares the partitions with
 * other hosts and fetches ahead; a pump for each partition runs the function.
 */
final class EventHubListener implements Listening.Listener, AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.eventhubs");

  /** How long a run may go on when the host closes, before it is interrupted. */
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private static final Duration INTERRUPTED = Duration.ofSeconds(1);

  /** How long the client may take to give its partitions back. */
  private static final Duration STOPPING = Duration.ofSeconds(3);

  /** How long all of that may take. */
  static final Duration CLOSING_IN_ALL = CLOSING.plus(INTERRUPTED).plus(STOPPING).plusSeconds(1);

  /**
   * What is read.
   *
   * @param function the name of the function
   * @param connection the hub
   * @param group the consumer group
   */
  record Source(String function, EventHubConnection connection, String group) {}

  private final Source source;
  private final EventHubOptions options;
  private final EventValues values;
  private final FunctionRunner runner;
  private final CheckpointStores stores;

  /** Where partitions without a checkpoint were begun. */
  private final Map<String, EventPosition> begun = new ConcurrentHashMap<>();

  /** The last event of each partition that is done, which checkpoints may be behind. */
  private final Map<String, Done> done = new ConcurrentHashMap<>();

  /** What runs the function, also with events of connections that are gone. */
  private final Set<PartitionPump<EventContext>> pumps = ConcurrentHashMap.newKeySet();

  /** Which of the pumps of a partition may run the function. */
  private final Map<String, Semaphore> turns = new ConcurrentHashMap<>();

  /** As what the connection of now owns partitions. */
  private volatile String owner = "";

  /**
   * An event that is done.
   *
   * @param sequenceNumber its number in its partition
   * @param enqueued when the hub took it, as a hub that was made anew counts from the beginning
   */
  private record Done(long sequenceNumber, Instant enqueued) {
    static Done of(EventData event) {
      return new Done(event.getSequenceNumber(), event.getEnqueuedTime());
    }

    boolean includes(EventData event) {
      return event.getSequenceNumber() <= sequenceNumber
          && !event.getEnqueuedTime().isAfter(enqueued);
    }
  }

  EventHubListener(
      Source source,
      EventHubOptions options,
      EventValues values,
      FunctionRunner runner,
      CheckpointStores stores) {
    this.source = source;
    this.options = options;
    this.values = values;
    this.runner = runner;
    this.stores = stores;
  }

  @Override
  public void listen(Runnable up) throws Exception {
    try (Session session = new Session(prepare())) {
      try {
        session.listen(up);
      } catch (InterruptedException e) {
        session.stop();
        close(); // while the client still has the partitions
        throw e;
      }
    }
  }

  /** The host closes: runs under way may go on for a short time, and are then interrupted. */
  @Override
  public void close() {
    try {
      pumps.forEach(PartitionPump::stop);
      int cutOff = PartitionPump.awaitAll(List.copyOf(pumps), CLOSING, INTERRUPTED);
      pumps.clear();
      if (cutOff > 0) {
        LOG.log(
            Level.WARNING,
            "%d runs of function '%s' are cut off because its listener closes; their events come again."
                .formatted(cutOff, source.function()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks the hub what it has, which shows whether it can be reached and opened. */
  private CheckpointStore prepare() throws Exception {
    source.connection().knock();
    CheckpointStore store = stores.open();
    try (EventHubConsumerClient asking =
        Clients.asking(source.connection(), source.group(), options).buildConsumerClient()) {
      List<String> partitions = new ArrayList<>();
      asking.getPartitionIds().forEach(partitions::add);
      String namespace = asking.getFullyQualifiedNamespace();
      TaskHubCheckpoints own = store instanceof TaskHubCheckpoints taskHub ? taskHub : null;
      if (own != null) {
        own.know(namespace, asking.getEventHubName(), source.group(), partitions);
      }
      for (String partition : partitions) {
        PartitionProperties now = asking.getPartitionProperties(partition);
        forgetIfAhead(own, namespace, now);
        EventPosition unused = begun.computeIfAbsent(partition, id -> beginning(now));
      }
      return store;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      if (Interruption.isCauseOf(e)) {
        throw new InterruptedException();
      }
      throw new IOException(Failures.sentence(e, source.connection(), null), e);
    }
  }

  /**
   * A hub that was made anew counts from the beginning, as one on a developer's machine does whose
   * files were deleted. A checkpoint of the old one would hide its events.
   */
  private void forgetIfAhead(
      @Nullable TaskHubCheckpoints own, String namespace, PartitionProperties now)
      throws InterruptedException {
    Long seen = seen(own, namespace, now);
    if (seen == null || seen <= now.getLastEnqueuedSequenceNumber()) {
      return;
    }
    LOG.log(
        Level.WARNING,
        "Partition %s of the event hub %s has %d events fewer than function '%s' has seen: the hub was made anew. It is read from its beginning."
            .formatted(
                now.getId(),
                source.connection().place(),
                seen - now.getLastEnqueuedSequenceNumber(),
                source.function()));
    if (own != null) {
      own.forget(namespace, now.getEventHubName(), source.group(), now.getId());
    }
    done.remove(now.getId());
    begun.put(now.getId(), EventPosition.earliest());
  }

  /** The last event of a partition of which anything is known here; null if none is. */
  private @Nullable Long seen(
      @Nullable TaskHubCheckpoints own, String namespace, PartitionProperties now)
      throws InterruptedException {
    if (own != null && options.checkpoints().enabled()) {
      TaskHubCheckpoints.Position known =
          own.read(namespace, now.getEventHubName(), source.group(), now.getId());
      if (known != null && known.sequenceNumber() != null) {
        return known.sequenceNumber();
      }
    }
    Done last = done.get(now.getId());
    EventPosition beginning = begun.get(now.getId());
    if (last != null || beginning == null) {
      // What is done has its checkpoint in a blob, which counts.
      return own == null || last == null ? null : last.sequenceNumber();
    }
    return beginning.getSequenceNumber();
  }

  /**
   * Where a partition without a checkpoint is begun. The end is that of now: after a connection
   * that broke, it would be another one, and what came in between would never be read.
   */
  private EventPosition beginning(PartitionProperties now) {
    return switch (options.from()) {
      case EventHubOptions.From.Start start -> EventPosition.earliest();
      case EventHubOptions.From.End end -> after(now.getLastEnqueuedSequenceNumber());
      case EventHubOptions.From.EnqueuedTime(var time) -> EventPosition.fromEnqueuedTime(time);
    };
  }

  private EventPosition from(String partition) {
    Done last = done.get(partition);
    return last == null
        // A partition that is new since this listener has begun is all that came since.
        ? begun.getOrDefault(partition, EventPosition.earliest())
        : after(last.sequenceNumber());
  }

  /** A partition in which nothing has ever been has -1 for its last event. */
  private static EventPosition after(long sequenceNumber) {
    return sequenceNumber < 0
        ? EventPosition.earliest()
        : EventPosition.fromSequenceNumber(sequenceNumber, false);
  }

  /** One connection, from its start to the first failure or to the end of the host. */
  private final class Session implements AutoCloseable {
    private final CheckpointStore store;
    private final EventProcessorClient processor;
    private final Map<String, PartitionPump<EventContext>> reading = new ConcurrentHashMap<>();

    /** Partitions of which the hub has said that another host reads them. */
    private final Set<String> taken = ConcurrentHashMap.newKeySet();

    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private volatile boolean closing;
    private boolean started;

    Session(CheckpointStore store) {
      this.store = store;
      this.processor =
          Clients.processor(source.connection(), source.group(), options)
              .checkpointStore(options.checkpoints().enabled() ? store : new OwnersAlone(store))
              .initialPartitionEventPosition(EventHubListener.this::from)
              .processEvent(this::take)
              .processPartitionClose(this::lose)
              .processError(this::report)
              .buildEventProcessorClient();
      owner = processor.getIdentifier();
    }

    void listen(Runnable up) throws InterruptedException, IOException {
      started = true;
      processor.start();
      up.run();
      Throwable failure = failures.take();
      throw new IOException(
          Failures.sentence(failure, source.connection(), source.group()), failure);
    }

    // ---- what the client calls ----------------------------------------------------------------

    private void take(EventContext event) {
      PartitionContext partition = event.getPartitionContext();
      PartitionPump<EventContext> pump =
          reading.computeIfAbsent(partition.getPartitionId(), id -> pump(partition));
      if (closing) {
        pump.stop(); // it may have come too late for the others to be stopped
        return;
      }
      try {
        pump.add(event);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /**
     * The client reads a partition no longer. It does not always read it again by itself: when its
     * connection is cut, it may keep the partition and never open it again.
     */
    private void lose(CloseContext context) {
      String partition = context.getPartitionContext().getPartitionId();
      boolean toAnother = options.checkpoints().inBlobs() && taken.remove(partition);
      if (!closing && !toAnother) {
        failures.add(new EOFException());
      }
      PartitionPump<EventContext> pump = reading.remove(partition);
      if (pump == null) {
        return;
      }
      if (!toAnother) {
        pump.stop(); // a run may end; whatever reads the partition next waits for that
        return;
      }
      pump.lose();
      // The other host does not wait: the run is not to overlap with its own for long.
      try {
        int unused = PartitionPump.awaitAll(List.of(pump), CLOSING, INTERRUPTED);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** What the client could not mend by itself is mended by a new one. */
    private void report(ErrorContext context) {
      if (Failures.isOtherOwner(context.getThrowable())) {
        taken.add(context.getPartitionContext().getPartitionId()); // before it is closed
      } else if (!closing) {
        failures.add(context.getThrowable());
      }
    }

    private PartitionPump<EventContext> pump(PartitionContext partition) {
      EventHubOptions.Checkpoints checkpoints = options.checkpoints();
      PartitionPump.Batching batching =
          new PartitionPump.Batching(
              options.batchMax(),
              values.many() ? options.batchMin() : 1,
              options.batchWait(),
              checkpoints.enabled() ? checkpoints.frequency() : 0);
      EventValues.Origin origin =
          new EventValues.Origin(
              partition.getFullyQualifiedNamespace(),
              partition.getEventHubName(),
              partition.getConsumerGroup(),
              partition.getPartitionId());
      PartitionPump<EventContext> pump =
          new PartitionPump<>(
              "partition %s of %s for %s"
                  .formatted(origin.partition(), origin.hub(), source.function()),
              batching,
              options.prefetch(),
              turns.computeIfAbsent(origin.partition(), id -> new Semaphore(1)),
              new Work(origin, this));
      pumps.removeIf(PartitionPump::hasEnded);
      pumps.add(pump);
      return pump;
    }

    /**
     * Whether another host has a partition. The hub says so, too, but later, and not at all over a
     * connection that is dead or closed.
     */
    boolean isAnothers(EventValues.Origin origin) {
      if (!options.checkpoints().inBlobs()) {
        return false;
      }
      Boolean found =
          store
              .listOwnership(origin.namespace(), origin.hub(), origin.group())
              .any(
                  ownership ->
                      ownership.getPartitionId().equals(origin.partition())
                          && !isOurs(ownership.getOwnerId()))
              .block();
      return Boolean.TRUE.equals(found);
    }

    /** A partition that was given back has no owner. */
    private boolean isOurs(@Nullable String id) {
      return id == null || id.isEmpty() || id.equals(owner) || id.equals(processor.getIdentifier());
    }

    /** Lets no more runs begin. */
    void stop() {
      closing = true;
      reading.values().forEach(PartitionPump::stop);
      boolean unused = Thread.interrupted(); // what follows is to be waited for
    }

    /**
     * Gives the partitions back. Runs that are under way may end: that a connection is gone is
     * nothing to them.
     */
    @Override
    public void close() {
      stop();
      pumps.removeIf(PartitionPump::hasEnded);
      stopClient();
    }

    private void stopClient() {
      if (!started) {
        return;
      }
      try {
        processor.stop(STOPPING);
      } catch (RuntimeException e) {
        LOG.log(Level.DEBUG, "The client of an event hub could not be closed", e);
      }
    }
  }

  /** What is done with the events of a partition. */
  private final class Work implements PartitionPump.Work<EventContext> {
    private final EventValues.Origin origin;
    private final Session session;

    Work(EventValues.Origin origin, Session session) {
      this.origin = origin;
      this.session = session;
    }

    @Override
    public void failed(Throwable failure) {
      session.failures.add(failure);
    }

    @Override
    public void run(List<EventContext> read, PartitionPump.State<EventContext> state)
        throws InterruptedException {
      List<EventContext> batch = withoutDone(read);
      if (batch.isEmpty()) {
        return;
      }
      if (values.many()) {
        runSeveral(batch, state);
        done(batch.get(batch.size() - 1), state);
        return;
      }
      for (EventContext event : batch) {
        if (state.stopped()) {
          return;
        }
        Event one = Event.of(event.getEventData());
        Outcome outcome = outcome(values.one(one, origin), state);
        if (state.lost()) {
          return;
        }
        Thread.interrupted(); // the next one has nothing to do with what a run leaves
        report(outcome, one, one);
        done(event, state);
      }
    }

    /** A new connection reads again what was run with the one before it until a moment ago. */
    private List<EventContext> withoutDone(List<EventContext> read) {
      Done last = done.get(origin.partition());
      return last == null
          ? read
          : read.stream().filter(event -> !last.includes(event.getEventData())).toList();
    }

    private void done(EventContext event, PartitionPump.State<EventContext> state) {
      state.done(event);
      if (!state.lost()) {
        done.put(origin.partition(), Done.of(event.getEventData()));
      }
    }

    private void runSeveral(List<EventContext> batch, PartitionPump.State<EventContext> state)
        throws InterruptedException {
      List<Event> events = batch.stream().map(event -> Event.of(event.getEventData())).toList();
      Event first = events.get(0);
      Event last = events.get(events.size() - 1);
      try {
        Outcome outcome = outcome(values.several(events, origin), state);
        if (!state.lost()) {
          report(outcome, first, last);
        }
      } catch (UnreadableEventException e) {
        LOG.log(
            Level.ERROR,
            "Function '%s' has not been run for events %s to %s of partition %s of '%s', which are passed over: %s"
                .formatted(
                    source.function(),
                    first.sequenceNumber(),
                    last.sequenceNumber(),
                    origin.partition(),
                    origin.hub(),
                    e.getMessage()));
      }
    }

    /** Whatever comes out of a run is its failure: to bring the same events again mends nothing. */
    private Outcome outcome(Invocation invocation, PartitionPump.State<EventContext> state)
        throws InterruptedException {
      try {
        return runner.run(invocation);
      } catch (InterruptedException e) {
        if (state.lost()) {
          throw e;
        }
        // Nobody wants this partition to end, so it is the run's own.
        return new Outcome(null, e);
      } catch (RuntimeException | Error e) {
        return new Outcome(null, e);
      }
    }

    private void report(Outcome outcome, Event first, Event last) {
      if (outcome.succeeded()) {
        return;
      }
      LOG.log(
          Level.ERROR,
          "Function '%s' has failed for events %s to %s of partition %s of '%s', which do not come again. A retry policy would repeat the run."
              .formatted(
                  source.function(),
                  first.sequenceNumber(),
                  last.sequenceNumber(),
                  origin.partition(),
                  origin.hub()),
          outcome.failure());
    }

    @Override
    public boolean checkpoint(EventContext last) {
      try {
        if (!session.isAnothers(origin)) {
          last.updateCheckpoint();
        }
        return true;
      } catch (RuntimeException e) {
        LOG.log(
            Level.WARNING,
            "It cannot be written down that function '%s' is done up to event %s of partition %s of '%s'. It is tried again with the next events, and at the end. If the host is killed before, events come again."
                .formatted(
                    source.function(),
                    last.getEventData().getSequenceNumber(),
                    origin.partition(),
                    origin.hub()),
            e);
        return false;
      }
    }
  }
}
