package dev.perdure.grpc.worker;

import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.WorkerCapability;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The way on which one worker receives its work. What it has in hand is guarded by the lock of the
 * pool; what is sent is sent by one thread at a time.
 */
final class Connection extends Chain.Link<Connection> {
  /** Items of a kind that a worker has at once if it states no limit. */
  private static final int UNSTATED_MAX = 100;

  /** No worker has more at once, whatever it states. */
  private static final int STATED_MAX = 10_000;

  /** An item on its way to the worker. */
  private record Outgoing(Item item, long number) {}

  /** How an answer without a token, which could be anybody's, fits a worker. */
  enum Likeness {
    /** It came over the connection over which the worker gets its work. */
    ITS_OWN,
    /** It came over another one, as all that is known of this worker do. */
    POSSIBLE,
    /** It came over another one, and this worker has answered over its own. */
    UNLIKELY
  }

  /** How many items of a kind it has, and how many it may have. */
  private static final class Room {
    private final int most;
    private int held;

    Room(int stated) {
      this.most = stated <= 0 ? UNSTATED_MAX : Math.min(stated, STATED_MAX);
    }
  }

  final WorkerIdentity identity;

  /** Over which service it came; null for a worker in this process. */
  final @Nullable WorkerService service;

  private final WorkerPool pool;
  private final WorkSink out;
  private final Executor executor;
  private final WorkFilter filter;
  private final boolean fetchesHistories;
  private final boolean takesEntities;

  // Guarded by the lock of the pool.
  private final Room orchestrators;
  private final Room activities;
  private final Room entities;
  private final Chain<Item> items = new Chain<>();
  boolean gone;

  /** Whether it has answered over the connection over which it gets work. */
  private boolean answersDirectly;

  /** Where it is in the roster; null if it is not. */
  Roster.@Nullable Level level;

  private final Queue<Outgoing> outgoing = new ConcurrentLinkedQueue<>();
  private final AtomicInteger wanted = new AtomicInteger();
  private volatile boolean pingDue;
  private volatile boolean ending;

  /**
   * The suspect that it was given last, until it is done with that or has lived with it for a
   * while; null if there is none. Guarded by the lock of the pool.
   *
   * <p>It gets no other suspect until then: one that ends workers would have all that were handed
   * out with it taken for the same.
   */
  @Nullable Item onTrial;

  /** Used by the thread that sends. */
  private volatile boolean ended;

  Connection(
      WorkerIdentity identity,
      @Nullable WorkerService service,
      GetWorkItemsRequest request,
      WorkSink out,
      WorkerPool pool) {
    this.identity = identity;
    this.service = service;
    this.pool = pool;
    this.out = out;
    this.executor = pool.executor();
    this.filter =
        request.hasWorkItemFilters()
            ? WorkFilter.of(
                request.getWorkItemFilters(),
                identity.wantsAllWhereItNamesNone(),
                out instanceof WorkSink.Local || identity.findsInAnyCase())
            : WorkFilter.ALL;
    this.fetchesHistories =
        request
            .getCapabilitiesList()
            .contains(WorkerCapability.WORKER_CAPABILITY_HISTORY_STREAMING);
    this.takesEntities =
        request.getMaxConcurrentEntityWorkItems() > 0
            || filter.names(FunctionKind.ENTITY)
            || !identity.mayKnowNoEntities();
    this.orchestrators = new Room(request.getMaxConcurrentOrchestrationWorkItems());
    this.activities = new Room(request.getMaxConcurrentActivityWorkItems());
    this.entities = new Room(request.getMaxConcurrentEntityWorkItems());
  }

  private Room room(FunctionKind kind) {
    return switch (kind) {
      case ORCHESTRATOR -> orchestrators;
      case ACTIVITY -> activities;
      case ENTITY -> entities;
    };
  }

  /** Whether it fetches a long history by itself. */
  boolean fetchesHistories() {
    return fetchesHistories;
  }

  /** Whether it wants work of a function. */
  boolean wants(FunctionKind kind, String name, String version) {
    return filter.wants(kind, name, version) && (kind != FunctionKind.ENTITY || takesEntities);
  }

  /** In which form it gets operations of entities. */
  EntityForm entityForm() {
    return service == null ? EntityForm.V2 : service.entityForm();
  }

  /** Whether its server is going to close, and it gets no more work. */
  boolean isDraining() {
    return service != null && service.isDraining();
  }

  /** Whether it has something in hand. With the lock of the pool. */
  boolean isBusy() {
    return orchestrators.held + activities.held + entities.held > 0;
  }

  /** Whether it has room for one more of a kind. With the lock of the pool. */
  boolean hasRoom(FunctionKind kind) {
    Room room = room(kind);
    return !gone && !isDraining() && room.held < room.most;
  }

  /** Whether it may have one more suspect, or what is none. With the lock of the pool. */
  boolean mayTry(boolean suspect) {
    return !suspect || onTrial == null;
  }

  /** It has an item now. With the lock of the pool. */
  void took(Item item) {
    items.add(item);
    room(item.kind).held++;
  }

  /** An item that it had is taken from it. With the lock of the pool. */
  void gave(Item item) {
    items.remove(item);
    room(item.kind).held--;
  }

  /**
   * How likely an answer without a token is from this worker; the less, the better. With the lock
   * of the pool.
   *
   * @param transport the connection over which the answer came; null if not known
   */
  Likeness likeness(@Nullable Object transport) {
    if (transport == null || identity.transport() == null) {
      return Likeness.POSSIBLE;
    }
    return transport.equals(identity.transport())
        ? Likeness.ITS_OWN
        : answersDirectly ? Likeness.UNLIKELY : Likeness.POSSIBLE;
  }

  /** It has answered over the connection over which it gets work. With the lock of the pool. */
  void answeredDirectly() {
    answersDirectly = true;
  }

  /** Its answers may come over other connections after all. With the lock of the pool. */
  void answersElsewhere() {
    answersDirectly = false;
  }

  /** What it has in hand. With the lock of the pool. */
  List<Item> inHand() {
    return items.toList();
  }

  // ---- sending --------------------------------------------------------------------------------

  /** Sends an item soon, as the delivery of a number. */
  void send(Item item, long number) {
    outgoing.add(new Outgoing(item, number));
    wake();
  }

  /** Sends a sign of life soon. */
  void ping() {
    pingDue = true;
    wake();
  }

  /** Ends the stream in an orderly way, after what is being sent. */
  void end() {
    ending = true;
    wake();
  }

  /**
   * Sends what there is, unless another thread is at it; called whenever there may be more to do.
   * Threads of the engine and of the transport call this. What is small they send themselves, which
   * is cheaper than to wake another thread; for what is not, that is done.
   */
  void wake() {
    if (wanted.getAndIncrement() == 0) {
      drain(false);
    }
  }

  private void drain(boolean patient) {
    int seen = wanted.get();
    do {
      try {
        if (!sendSome(patient)) {
          executor.execute(() -> drain(true));
          return;
        }
      } catch (RuntimeException | Error e) {
        breakOff(e);
        return;
      }
      seen = wanted.addAndGet(-seen);
    } while (seen != 0);
  }

  /** Nothing is sent any more, which the worker has to know; others get what it has. */
  private void breakOff(Throwable cause) {
    pool.lost(this, cause.toString());
    try {
      out.fail(cause);
    } catch (RuntimeException e) {
      // It has ended already.
    }
  }

  /** Returns whether all was sent that can be; false if a large item comes next. */
  private boolean sendSome(boolean patient) {
    if (ending) {
      if (!ended) {
        ended = true;
        out.end();
      }
      return true;
    }
    if (pingDue && out.isReady()) {
      pingDue = false;
      out.ping();
    }
    Outgoing next;
    while ((next = outgoing.peek()) != null && out.isReady()) {
      if (next.item.isUnread()) {
        outgoing.remove();
        readAndSend(next);
        continue;
      }
      if (!patient && next.item.isLarge()) {
        return false;
      }
      outgoing.remove();
      WorkRequest request = next.item.toSend(next.number, this);
      if (request == null) {
        pool.dropped(next.item, next.number);
      } else {
        next.item.sent = next.number;
        next.item.sentBytes = out.send(next.item, request, pool.tokens().of(next.number));
      }
    }
    return true;
  }

  private void readAndSend(Outgoing unread) {
    executor.execute(
        () -> {
          try {
            unread.item.read(() -> send(unread.item, unread.number));
          } catch (RuntimeException | Error e) {
            breakOff(e); // else it would have the item for ever, and never get it
          }
        });
  }

  @Override
  public String toString() {
    return "worker " + identity.id();
  }
}
