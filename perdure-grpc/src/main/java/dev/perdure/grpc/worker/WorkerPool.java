package dev.perdure.grpc.worker;

import dev.perdure.engine.activity.ActivityDispatcher;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.entity.RunningBatch;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.orchestrator.OrchestratorRun;
import dev.perdure.engine.worker.RemoteOrchestration;
import dev.perdure.engine.worker.Workers;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The workers of one hub and the work that waits for them. Work goes to a connected worker that
 * wants it and has room, to the one with the least in hand; else it waits in the order in which it
 * came. A worker that goes away has its work given to others at once. Safe from any thread.
 */
public final class WorkerPool implements Workers {
  private static final System.Logger LOG = System.getLogger("dev.perdure.worker");

  /**
   * How often things happen.
   *
   * @param ping between signs of life on every stream. SDKs take one for dead after two minutes
   *     without, or after what they are told: 10 seconds are usual then. A worker that leaves for
   *     that reason loses what it has in hand, however well it does
   * @param rest how long work that was given back, or lost with more than one worker, waits before
   *     it is handed out again, at first; twice as long every time
   * @param restMax the longest it waits
   * @param doubt how long work stays with a worker after an answer to it that seems to be another
   *     worker's
   */
  record Pace(Duration ping, Duration rest, Duration restMax, Duration doubt) {
    static final Pace USUAL =
        new Pace(
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5));

    Pace(Duration ping, Duration rest, Duration restMax) {
      this(ping, rest, restMax, USUAL.doubt);
    }
  }

  /**
   * Of so many signs of life, those who may warn of them get one: enough for proxies in between.
   */
  private static final int FEW_PINGS = 6;

  /**
   * A worker that lives for so long with a piece of work is hardly killed by it: it is stopped, say
   * for a new deployment. How many workers went away with it is then counted from here.
   */
  private static final long HELD_LONG_MILLIS = 10 * 60_000;

  /** How long a message may be for a client of gRPC whose limit was not changed. */
  private static final int USUAL_LIMIT_BYTES = 4 << 20;

  /** A worker is given the next suspect when it has lived with one for such a part of a rest. */
  private static final int TRIALS_IN_REST = 4;

  private final InstantSource clock;
  private final int lostMax;
  private final Pace pace;
  private final PoolThreads threads;
  private final DeliveryTokens tokens =
      new DeliveryTokens(HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));

  private final ReentrantLock lock = new ReentrantLock();

  /** Told whenever a worker whose server is going to close has less in hand. */
  private final Condition drained = lock.newCondition();

  // Guarded by the lock.
  private final Roster connections = new Roster();

  private final UnderWay underWay = new UnderWay();
  private final WaitingWork waiting;
  private long deliveries;

  /** Rounds of signs of life. */
  private long pings;

  private boolean stopped;

  private volatile @Nullable Listener listener;

  /**
   * A pool without workers.
   *
   * @param clock says what orchestrations are told to be the current time
   * @param lostMax how many workers may go away with a piece of work before it is parked
   */
  public WorkerPool(InstantSource clock, int lostMax) {
    this(clock, lostMax, PoolThreads.create());
  }

  /**
   * A pool without workers that runs on given threads.
   *
   * @param clock says what orchestrations are told to be the current time
   * @param lostMax how many workers may go away with a piece of work before it is parked
   */
  public WorkerPool(InstantSource clock, int lostMax, PoolThreads threads) {
    this(clock, lostMax, threads, Pace.USUAL);
  }

  WorkerPool(InstantSource clock, int lostMax, PoolThreads threads, Pace pace) {
    this.clock = clock;
    this.lostMax = lostMax;
    this.threads = threads;
    this.pace = pace;
    this.waiting = new WaitingWork(clock);
    threads.after(pace.ping(), this::pingAll);
  }

  DeliveryTokens tokens() {
    return tokens;
  }

  Executor executor() {
    return threads.executor();
  }

  /** The engine's own sense of time; see {@link PoolThreads#nanoTime}. */
  long nanoTime() {
    return threads.nanoTime();
  }

  Listener listener() {
    Listener told = listener;
    if (told == null) {
      throw new IllegalStateException("No engine has begun to use this pool.");
    }
    return told;
  }

  // ---- the engine's side ----------------------------------------------------------------------

  @Override
  public void begin(Listener who) {
    this.listener = who;
  }

  @Override
  public OrchestratorRun orchestrator(
      RemoteOrchestration which, OrchestratorRun.Listener runListener) {
    return new RemoteRun(this, which, runListener, clock);
  }

  @Override
  public void activity(ActivityWork work) {
    submit(new ActivityItem(work, this));
  }

  @Override
  public void withdraw(ActivityWork work) {
    Item same = new ActivityItem(work, this);
    lock.lock();
    try {
      Item had = underWay.same(same);
      if (had != null) {
        had.setWanted(false);
      }
      waiting.removeSame(same);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void entity(RunningBatch batch) {
    submit(new EntityItem(batch, this));
  }

  @Override
  public ActivityDispatcher.Unfinished unfinishedActivities() {
    List<ActivityWork> waits = new ArrayList<>();
    List<ActivityWork> runs = new ArrayList<>();
    lock.lock();
    try {
      waiting.forEach(item -> addActivity(item, waits));
      underWay.forEach(item -> addActivity(item, runs));
    } finally {
      lock.unlock();
    }
    return new ActivityDispatcher.Unfinished(waits, runs);
  }

  private static void addActivity(Item item, List<ActivityWork> to) {
    if (item instanceof ActivityItem activity) {
      to.add(activity.work);
    }
  }

  @Override
  public List<Waiting> waitingSince(long beforeMillis) {
    List<Waiting> waits = new ArrayList<>();
    lock.lock();
    try {
      waiting.forEach(
          item -> {
            if (item.waitingSince < beforeMillis && !item.isVoid()) {
              waits.add(
                  new Waiting(
                      item.kind, item.instanceId, item.name, item.version, item.waitingSince));
            }
          });
    } finally {
      lock.unlock();
    }
    return waits;
  }

  @Override
  public @Nullable String obstacle(FunctionKind kind, String name, String version) {
    lock.lock();
    try {
      if (connections.size() == 0) {
        return "no worker is connected";
      }
      if (isWanted(kind, name, version)) {
        return null;
      }
      String what = kind == FunctionKind.ORCHESTRATOR ? "orchestrator" : lower(kind);
      return "no connected worker has %s '%s'%s"
          .formatted(what, name, version.isEmpty() ? "" : " in version '" + version + "'");
    } finally {
      lock.unlock();
    }
  }

  private static String lower(FunctionKind kind) {
    return kind == FunctionKind.ACTIVITY ? "activity" : "entity";
  }

  /** Where a step is, to follow the name of its orchestration. */
  String progress(Item item) {
    String obstacle = obstacle(item.kind, item.name, item.version);
    lock.lock();
    try {
      Connection holder = item.holder;
      if (holder != null) {
        return "has had its step at %s since %s"
            .formatted(holder, Instant.ofEpochMilli(item.takenAt));
      }
    } finally {
      lock.unlock();
    }
    if (item.isSuspect() && obstacle == null) {
      return "waits to be handed out again: %d workers went away with its step"
          .formatted(item.lost);
    }
    if (item.abandoned > 0 && obstacle == null) {
      return "waits to be handed out again: workers have given its step back %d times"
          .formatted(item.abandoned);
    }
    return "waits for a worker to take its step: "
        + (obstacle == null ? "those that would are busy" : obstacle);
  }

  /**
   * Waits until the workers that came over a service, which gives them no more work, have nothing
   * in hand.
   *
   * @param nanosMost how long it waits at most
   * @return how much of that is left
   */
  long awaitAnswers(WorkerService service, long nanosMost) throws InterruptedException {
    long nanosLeft = nanosMost;
    lock.lockInterruptibly();
    try {
      while (nanosLeft > 0 && of(service).stream().anyMatch(Connection::isBusy)) {
        nanosLeft = drained.awaitNanos(nanosLeft);
      }
      return nanosLeft;
    } finally {
      lock.unlock();
    }
  }

  /** Workers that came over a service. */
  private List<Connection> of(WorkerService service) {
    lock.lock();
    try {
      return connections.toList().stream()
          .filter(worker -> service.equals(worker.service))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the streams of all workers that came over a service; they come again or go elsewhere. What
   * they have in hand they may still answer.
   */
  void dismiss(WorkerService service) {
    of(service).forEach(Connection::end);
  }

  /** No more answers come over a service: others get what its workers have in hand. */
  void left(WorkerService service) {
    of(service).forEach(worker -> lost(worker, "its server was closed"));
  }

  @Override
  public void stop() {
    List<Connection> all;
    lock.lock();
    try {
      stopped = true;
      all = connections.toList();
      all.forEach(connections::remove);
      waiting.clear();
      underWay.clear();
      drained.signalAll();
    } finally {
      lock.unlock();
    }
    all.forEach(Connection::end);
    threads.end();
  }

  // ---- handing out ----------------------------------------------------------------------------

  /** Hands an item to a worker, or has it wait for one. */
  void submit(Item item) {
    Connection to;
    long number;
    lock.lock();
    try {
      if (stopped || item.isVoid() || item.isHeldBack() || isKnown(item)) {
        return;
      }
      to = choose(item);
      if (to == null) {
        waiting.add(item);
        return;
      }
      number = assign(item, to);
    } finally {
      lock.unlock();
    }
    to.send(item, number);
  }

  /**
   * Whether a worker has the same work, or it rests, or waits as a suspect: a partition that has
   * recovered hands out all that is open, but how many workers went away with it must not be
   * forgotten. With the lock.
   */
  private boolean isKnown(Item item) {
    Item had = underWay.same(item);
    if (had != null) {
      had.setWanted(true);
      return true;
    }
    return waiting.rests(item) || waiting.hasSuspect(item);
  }

  /**
   * The first worker that may take an item; the one that it is to avoid only if there is no other.
   * It is one that has least to do, of whatever kind: many do one thing after the other.
   */
  private @Nullable Connection choose(Item item) {
    Connection avoided = null;
    for (Connection each = connections.first(); each != null; each = connections.after(each)) {
      if (takes(each, item)) {
        if (!each.equals(item.avoid)) {
          return each;
        }
        avoided = each;
      }
    }
    return avoided;
  }

  private static boolean takes(Connection connection, Item item) {
    return connection.hasRoom(item.kind)
        && connection.wants(item.kind, item.name, item.version)
        && connection.mayTry(item.isSuspect());
  }

  private long assign(Item item, Connection to) {
    item.delivery = ++deliveries;
    item.holder = to;
    item.takenAt = clock.millis();
    underWay.add(item);
    to.took(item);
    connections.tookOne(to);
    long number = item.delivery;
    if (item.isSuspect()) {
      to.onTrial = item;
      threads.after(pace.rest().dividedBy(TRIALS_IN_REST), () -> endTrial(item, to, number));
    }
    return number;
  }

  /** An item is not under way any more. With the lock. */
  private void unassign(Item item) {
    if (item.delivery != 0) {
      underWay.remove(item);
      item.delivery = 0;
    }
    if (item.holder != null) {
      item.holder.gave(item);
      if (item.equals(item.holder.onTrial)) {
        item.holder.onTrial = null;
      }
      connections.gaveOne(item.holder);
      if (item.holder.isDraining()) {
        drained.signalAll();
      }
      item.holder = null;
    }
  }

  /** A worker has lived with a suspect for a while. */
  private void endTrial(Item item, Connection with, long number) {
    lock.lock();
    try {
      if (item.delivery != number || !item.equals(with.onTrial)) {
        return;
      }
      with.onTrial = null;
    } finally {
      lock.unlock();
    }
    fill(with);
  }

  /** Gives a worker as much as it has room for. */
  private void fill(Connection connection) {
    for (FunctionKind kind : FunctionKind.values()) {
      while (true) {
        Item item;
        long number;
        lock.lock();
        try {
          item = takeWaiting(connection, kind);
          if (item == null) {
            break;
          }
          number = assign(item, connection);
        } finally {
          lock.unlock();
        }
        connection.send(item, number);
      }
    }
  }

  /** What a worker is to have next of a kind; null if there is nothing, or it has no room. */
  private @Nullable Item takeWaiting(Connection connection, FunctionKind kind) {
    return connection.hasRoom(kind) ? waiting.takeFor(connection, kind) : null;
  }

  /** An item must not be handed out again for now; see {@link Item#isHeldBack}. */
  void holdBack(Item item) {
    lock.lock();
    try {
      if (waiting.remove(item)) {
        var unused = item.isHeldBack();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nobody wants an item done any more. A worker that has it may go on with it. */
  void waitsNoMore(Item item) {
    lock.lock();
    try {
      var unused = waiting.remove(item);
    } finally {
      lock.unlock();
    }
  }

  /** Nobody wants an item done any more. */
  void forget(Item item) {
    Connection holder;
    lock.lock();
    try {
      holder = item.holder;
      unassign(item);
      var unused = waiting.remove(item);
    } finally {
      lock.unlock();
    }
    if (holder != null) {
      fill(holder);
    }
  }

  /** An item was not sent because nobody wants it done any more. */
  void dropped(Item item, long number) {
    Connection holder = null;
    lock.lock();
    try {
      if (number == item.delivery) {
        holder = item.holder;
        unassign(item);
      }
    } finally {
      lock.unlock();
    }
    if (holder != null) {
      fill(holder);
    }
  }

  // ---- workers come and go --------------------------------------------------------------------

  /**
   * A worker has connected.
   *
   * @param service over which it came
   */
  Connection connect(
      WorkerIdentity identity,
      WorkerService service,
      GetWorkItemsRequest request,
      ServerCallStreamObserver<EncodedWorkItem> out) {
    Connection connection =
        new Connection(identity, service, request, new WorkSink.Stream(out), this);
    out.setOnCancelHandler(() -> lost(connection, "it was disconnected"));
    out.setOnReadyHandler(connection::wake);
    connect(connection);
    return connection;
  }

  /**
   * Has a worker in this process take work, at once and until the returned action is run; work that
   * it has then goes to others.
   *
   * @param id names it, in logs and where it is told who has what
   * @param request which work it wants, and how much of it at once
   */
  public Runnable connect(String id, GetWorkItemsRequest request, LocalWorker worker) {
    Connection connection =
        new Connection(
            new WorkerIdentity(id, "in this process", null),
            null,
            request,
            new WorkSink.Local(worker),
            this);
    connect(connection);
    return () -> lost(connection, "it was stopped");
  }

  private void connect(Connection connection) {
    boolean refused;
    lock.lock();
    try {
      if (connection.gone) {
        return; // it left while its hub was being opened
      }
      refused = stopped;
      if (!refused) {
        connections.add(connection);
      }
    } finally {
      lock.unlock();
    }
    if (refused) {
      connection.end();
      return;
    }
    LOG.log(
        System.Logger.Level.INFO,
        "{0} has connected ({1})",
        connection,
        connection.identity.agent());
    fill(connection);
  }

  /** A worker has gone away; others get its work. */
  void lost(Connection connection, String why) {
    List<Item> sent = new ArrayList<>();
    List<Item> others = new ArrayList<>();
    lock.lock();
    try {
      if (connection.gone) {
        return;
      }
      connection.gone = true;
      connections.remove(connection);
      Item tried = connection.onTrial;
      if (tried != null && tried.sent != tried.delivery) {
        tried = null;
      }
      for (Item item : connection.inHand()) {
        if (item.sent != item.delivery) {
          others.add(item); // what never reached it did it no harm
        } else if (tried != null && item.isSuspect() && !item.equals(tried)) {
          others.add(item); // it had been tried, and the worker lived
        } else {
          boolean heldLong = clock.millis() - item.takenAt >= HELD_LONG_MILLIS;
          item.lost = heldLong ? 1 : item.lost + 1;
          sent.add(item);
        }
        unassign(item);
        item.leftUnanswered();
      }
    } finally {
      lock.unlock();
    }
    LOG.log(
        System.Logger.Level.INFO,
        "{0} has gone ({1}); {2} pieces of work go to others",
        connection,
        why,
        sent.size() + others.size());
    others.forEach(this::submit);
    for (Item item : sent) {
      if (item.lost >= lostMax) {
        LOG.log(
            System.Logger.Level.ERROR,
            "Not tried again, after {0} workers went away with it: {1}",
            item.lost,
            item.describe());
        item.park(
            "the last %d workers that took %s went away without an answer, %s"
                .formatted(item.lost, item.noun(), suspicion(item)));
      } else if (item.isSuspect()) {
        // Workers that are stopped one after the other must not pass it on until it is parked.
        rest(item, item.lost - 2);
      } else {
        submit(item);
      }
    }
  }

  private static String suspicion(Item item) {
    return item.sentBytes > USUAL_LIMIT_BYTES
        ? "and it may be too long for them: it has %d bytes, and many SDKs take %d at most unless they are told otherwise"
            .formatted(item.sentBytes, USUAL_LIMIT_BYTES)
        : "and it may have killed them";
  }

  private void rest(Item item, int times) {
    lock.lock();
    try {
      if (stopped || item.isVoid()) {
        return;
      }
      waiting.rest(item);
    } finally {
      lock.unlock();
    }
    handOutAgainAfter(restMillis(times), item);
  }

  /** How long an item rests that has done so some times. */
  private long restMillis(int times) {
    return Math.min(pace.rest().toMillis() << Math.min(times, 10), pace.restMax().toMillis());
  }

  private void pingAll() {
    threads.after(pace.ping(), this::pingAll);
    List<Connection> all;
    boolean forAll;
    lock.lock();
    try {
      all = connections.toList();
      forAll = ++pings % FEW_PINGS == 0;
    } finally {
      lock.unlock();
    }
    for (Connection connection : all) {
      if (forAll || !connection.identity.mayWarnOfSignsOfLife()) {
        connection.ping();
      }
    }
  }

  /** Workers that are connected. */
  public int connected() {
    lock.lock();
    try {
      return connections.size();
    } finally {
      lock.unlock();
    }
  }

  /** Pieces of work that wait for a worker. */
  public int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  private record Wish(FunctionKind kind, String name, String version) {}

  /** Pieces of work that no worker that is connected may take. */
  public int withoutWorker() {
    lock.lock();
    try {
      int[] count = {0};
      Map<Wish, Boolean> wanted = new HashMap<>();
      waiting.forEach(
          item -> {
            boolean hasWorker =
                wanted.computeIfAbsent(
                    new Wish(item.kind, item.name, item.version),
                    wish -> isWanted(wish.kind, wish.name, wish.version));
            if (!hasWorker && !item.isVoid()) {
              count[0]++;
            }
          });
      return count[0];
    } finally {
      lock.unlock();
    }
  }

  /** Whether a worker that is connected takes work of a function. With the lock. */
  private boolean isWanted(FunctionKind kind, String name, String version) {
    for (Connection each = connections.first(); each != null; each = connections.after(each)) {
      if (each.wants(kind, name, version)) {
        return true;
      }
    }
    return false;
  }

  /** Pieces of work that workers have. */
  public int underWay() {
    lock.lock();
    try {
      return underWay.size();
    } finally {
      lock.unlock();
    }
  }

  // ---- answers --------------------------------------------------------------------------------

  /** An item in the hands of a worker. */
  record Delivery(Item item, long number, Connection holder) {}

  /**
   * The delivery that an answer belongs to; null if it is not under way, or not any more.
   *
   * @param token the token of the answer; empty from workers that know none
   * @param kind what the answer is about, if it has no token
   * @param taskId the task; 0 for what is no activity
   * @param transport the connection over which it came, if it has no token; null if not known
   */
  @Nullable Delivery find(
      String token, FunctionKind kind, String instanceId, int taskId, @Nullable Object transport) {
    if (!token.isEmpty()) {
      return find(token);
    }
    lock.lock();
    try {
      Delivery found = delivery(underWay.find(kind, instanceId, taskId, transport));
      if (found == null) {
        return null;
      }
      switch (found.holder.likeness(transport)) {
        case ITS_OWN -> found.holder.answeredDirectly();
        case POSSIBLE -> {}
        case UNLIKELY -> {
          // Of a worker that lost its stream, and does not know yet that others have its work.
          if (found.item.doubted != found.number) {
            found.item.doubted = found.number;
            threads.after(pace.doubt(), () -> endDoubt(found));
          }
          return null;
        }
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Work is still under way, though it was answered over another connection than that of its worker
   * a while ago. Maybe a proxy has begun to spread what the worker says.
   */
  private void endDoubt(Delivery delivery) {
    lock.lock();
    try {
      if (delivery.number != delivery.item.delivery) {
        return;
      }
      delivery.holder.answersElsewhere();
    } finally {
      lock.unlock();
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "{0} has not answered to {1} over its own connection; an answer without a token that came"
            + " over another one {2} ago was not taken. The work is handed out again. If there is a"
            + " proxy that spreads calls over connections, use an SDK that sends tokens.",
        delivery.holder,
        delivery.item.describe(),
        pace.doubt());
    abandon(delivery);
  }

  /** The delivery of a token; null if it is not under way, or not any more. */
  @Nullable Delivery find(String token) {
    long number = tokens.number(token);
    lock.lock();
    try {
      return delivery(number == 0 ? null : underWay.find(number));
    } finally {
      lock.unlock();
    }
  }

  private static @Nullable Delivery delivery(@Nullable Item item) {
    return item == null || item.holder == null
        ? null
        : new Delivery(item, item.delivery, item.holder);
  }

  /**
   * Takes an item from whoever has it, because it is done.
   *
   * @return whether this very delivery was still under way
   */
  boolean done(Delivery delivery) {
    Item next;
    long number;
    boolean tried;
    lock.lock();
    try {
      if (delivery.number != delivery.item.delivery) {
        return false;
      }
      tried = delivery.item.equals(delivery.holder.onTrial);
      unassign(delivery.item);
      next = takeWaiting(delivery.holder, delivery.item.kind); // all the room that there is now
      number = next == null ? 0 : assign(next, delivery.holder);
    } finally {
      lock.unlock();
    }
    if (next != null) {
      delivery.holder.send(next, number);
    }
    if (tried) {
      fill(delivery.holder); // with the next suspect, of whatever kind
    }
    return true;
  }

  /** A worker gives an item back; it is handed out again after a while. */
  void abandon(Delivery delivery) {
    Item item = delivery.item;
    boolean isWanted;
    long wait;
    lock.lock();
    try {
      if (delivery.number != item.delivery || stopped) {
        return;
      }
      unassign(item);
      item.leftUnanswered();
      item.avoid = delivery.holder;
      wait = restMillis(item.abandoned++);
      isWanted = !item.isVoid();
      if (isWanted) {
        waiting.rest(item);
      }
    } finally {
      lock.unlock();
    }
    if (isWanted) {
      handOutAgainAfter(wait, item);
    }
    fill(delivery.holder);
  }

  private void handOutAgainAfter(long millis, Item item) {
    // After an end it is not: it is on record, and handed out by whoever opens the hub again.
    threads.after(Duration.ofMillis(millis), () -> handOutAgain(item));
  }

  /** An answer to an item that was taken as done cannot be; the item is tried again some times. */
  void answerRefused(Delivery delivery, String why) {
    Item item = delivery.item;
    int refused;
    lock.lock();
    try {
      if (stopped || item.isVoid()) {
        return;
      }
      item.leftUnanswered();
      item.avoid = delivery.holder;
      refused = ++item.refused;
      if (refused < lostMax) {
        waiting.rest(item);
      }
    } finally {
      lock.unlock();
    }
    if (refused < lostMax) {
      handOutAgainAfter(pace.rest().toMillis(), item);
    } else {
      LOG.log(
          System.Logger.Level.ERROR,
          "Not tried again, after {0} answers that could not be: {1}",
          refused,
          item.describe());
      item.park("the last %d answers to %s could not be (%s)".formatted(refused, item.noun(), why));
    }
  }

  private void handOutAgain(Item item) {
    boolean rested;
    lock.lock();
    try {
      rested = waiting.endRest(item);
    } finally {
      lock.unlock();
    }
    if (rested) {
      submit(item);
    }
  }

  @Override
  public String toString() {
    return "WorkerPool[" + connected() + " workers]";
  }
}
