package dev.perdure.engine.partition;

import dev.perdure.api.HubClosedException;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.activity.ActivityRunner;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.entity.EntityWork;
import dev.perdure.engine.entity.RunningBatch;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.store.LogRecord;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs the partitions of a host on one thread, and commits what they decide: one commit for all
 * partitions, one commit at a time, so that batches grow by themselves under load.
 *
 * <p>When to commit: at once if somebody waits, unless steps are under way whose outcome may go
 * into the same commit; these are waited for no longer than a commit takes. What nobody waits for
 * goes with the next commit, or after a short while.
 */
public final class Loop implements PartitionHost {
  private static final System.Logger LOG = System.getLogger("dev.perdure.loop");

  /** Commands handled before timers and commits get their turn. */
  private static final int COMMANDS_AT_ONCE = 2_000;

  /**
   * With so many bytes to commit, no more commands are handled before a commit has taken them; the
   * last one may go past it by what it asks for.
   */
  static final long OPEN_BYTES_MAX = 64L << 20;

  /**
   * So many times the log bytes after which a checkpoint is made, and no more commands are handled
   * before rows have been written: one checkpoint is on its way to the disk, and the next one is
   * due.
   */
  private static final int UNWRITTEN_CHECKPOINTS_MAX = 2;

  /** The longest nap; everything that matters wakes the loop, this is for clocks that jump. */
  private static final long NAP_MILLIS_MAX = 500;

  /** Partitions recover together if their times are no further apart. */
  private static final long RECOVERIES_APART_MILLIS = 50;

  /** A commit that takes longer than this never keeps the loop from its other work. */
  private static final double INLINE_COMMIT_NANOS_MAX = 1_000_000;

  /** How long to wait awake; about what it takes to put a thread to sleep and wake it again. */
  private static final long SPIN_NANOS = 25_000;

  /** Spins that came to nothing end the spinning soon; now and then it is tried again. */
  private static final int SPIN_CREDIT_MAX = 30;

  private static final int SPIN_TRIAL = 100;

  private static final boolean ONE_CPU = Runtime.getRuntime().availableProcessors() == 1;

  /** The longest wait for steps under way when somebody waits for a commit. */
  private static final long STEP_WAIT_NANOS_MAX = 1_000_000;

  private final Store store;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Executor commitExecutor;
  private final Executor rowExecutor;
  private final ActivityRunner activities;
  private final Function<EntityWork, RunningBatch> entityRunner;
  private final Executor messages;
  private final Supplier<String> executionIds;
  private final Partition[] partitions;
  private final CommandQueue queue = new CommandQueue();
  private final long lingerNanos;
  private final long unwrittenBytesMax;

  /** What became of rows. Commands may wait for that, so it does not wait among them. */
  private final Queue<Command.RowsWritten> rowsWritten = new ConcurrentLinkedQueue<>();

  /**
   * By partition, the epoch in which rows could not be written. No later ones of the epoch are: the
   * last of a pass lets go of the log, and with it of what the earlier ones were to have.
   */
  private final AtomicLongArray rowsFailedIn;

  private final AtomicInteger unfinished = new AtomicInteger();

  /** Those who wait until nothing happens any more. */
  private final Queue<RestWaiter> restWaiters = new ConcurrentLinkedQueue<>();

  private record RestWaiter(BooleanSupplier othersRest, CompletableFuture<Long> reply) {}

  private CommandQueue.@Nullable Node backlog;

  /** What is being committed; null if nothing is. */
  private @Nullable List<Closed> committing;

  /** Whether there is enough to commit, and commands have to wait for that. */
  private boolean full;

  private int stepping;
  private double commitNanos = 200_000; // a moving average
  private long commits;
  private long naps;
  private int spinCredit;
  private volatile boolean stopped;
  private volatile boolean ended;

  private record Closed(Partition partition, OpenBatch batch) {}

  private volatile @Nullable CommitOutcome outcome;

  /**
   * @param stored whether there was anything to store
   */
  private record CommitOutcome(List<Closed> batches, boolean stored, @Nullable Throwable failure) {}

  /**
   * A loop at rest.
   *
   * @param commitExecutor where commits run; a direct one commits on the loop's own thread
   * @param rowExecutor where rows are written, one task after the other
   * @param activities runs activities
   * @param entityRunner runs operations of entities
   * @param messages carries messages between partitions
   * @param executionIds makes ids of executions
   * @param mode what is done with the hub
   */
  public Loop(
      Store store,
      SessionConfig sessions,
      EngineOptions options,
      Executor commitExecutor,
      Executor rowExecutor,
      ActivityRunner activities,
      Function<EntityWork, RunningBatch> entityRunner,
      Executor messages,
      Supplier<String> executionIds,
      LoopMode mode) {
    this.store = store;
    this.clock = sessions.clock();
    this.nanoTime = sessions.nanoTime();
    this.commitExecutor = commitExecutor;
    this.rowExecutor = rowExecutor;
    this.activities = activities;
    this.entityRunner = entityRunner;
    this.messages = messages;
    this.executionIds = executionIds;
    this.lingerNanos = options.commitLinger().toNanos();
    this.unwrittenBytesMax =
        Math.min(options.checkpointLogBytes(), Long.MAX_VALUE / UNWRITTEN_CHECKPOINTS_MAX)
            * UNWRITTEN_CHECKPOINTS_MAX;
    this.partitions = new Partition[store.partitions()];
    long[] none = new long[partitions.length];
    Arrays.fill(none, -1);
    this.rowsFailedIn = new AtomicLongArray(none);
    for (int i = 0; i < partitions.length; i++) {
      partitions[i] = new Partition(i, store, sessions, options, this, mode);
    }
    store.onRowsLost(
        partition -> post(partition, new Command.RowsLost(partitions[partition].countRowsLost())));
  }

  /** Takes up the work of all partitions. Called before {@link #run}, on any thread. */
  public void recover() {
    List<Partition.Recovery> recoveries = new ArrayList<>();
    try {
      for (Partition partition : partitions) {
        recoveries.add(partition.beginRecovery());
      }
      store.readLogs(
          IntStream.range(0, recoveries.size()).boxed().collect(Collectors.toSet()),
          record -> recoveries.get(record.partition()).state().record(record));
    } catch (RuntimeException e) {
      for (Partition partition : partitions) {
        partition.recoveryFailed(e);
      }
      throw e; // at the start there is somebody to tell
    }
    for (int i = 0; i < recoveries.size(); i++) {
      partitions[i].endRecovery(recoveries.get(i));
      if (partitions[i].downReason() instanceof RuntimeException e) {
        throw e;
      }
    }
  }

  /**
   * Takes partitions up again that have dropped their memory. Those that did so at about the same
   * time read the log together: each of them alone would have to read all of it.
   */
  private void recoverAgain(long now) {
    Map<Integer, Partition.Recovery> recoveries = new TreeMap<>();
    for (int i = 0; i < partitions.length; i++) {
      Partition partition = partitions[i];
      int index = i;
      if (partition.isToRecover(now + RECOVERIES_APART_MILLIS)) {
        var unused = recoverEach(partition, () -> recoveries.put(index, partition.beginRecovery()));
      }
    }
    if (recoveries.isEmpty()) {
      return;
    }
    try {
      store.readLogs(
          Set.copyOf(recoveries.keySet()),
          record -> {
            int index = record.partition();
            Partition.Recovery recovery = recoveries.get(index);
            if (recovery != null
                && !recoverEach(partitions[index], () -> recovery.state().record(record))) {
              recoveries.remove(index);
            }
          });
    } catch (RuntimeException | Error e) {
      recoveries.keySet().forEach(index -> partitions[index].recoveryFailedAgain(e));
      return;
    }
    recoveries.forEach((index, recovery) -> partitions[index].endRecovery(recovery));
  }

  /** Too little memory for one must not stop the others. Returns whether it went well. */
  private static boolean recoverEach(Partition partition, Runnable action) {
    try {
      action.run();
      return true;
    } catch (RuntimeException | Error e) {
      partition.recoveryFailedAgain(e);
      return false;
    }
  }

  private boolean isAnyToRecover(long now) {
    for (Partition partition : partitions) {
      if (partition.isToRecover(now)) {
        return true;
      }
    }
    return false;
  }

  /** Runs until {@link #stop}. */
  public void run() {
    while (!stopped) {
      try {
        if (!runOnce()) {
          nap();
        }
      } catch (RuntimeException | Error e) {
        sayThatItGoesOn(e);
      }
    }
  }

  private static void sayThatItGoesOn(Throwable failure) {
    try {
      LOG.log(System.Logger.Level.ERROR, "The loop failed; it goes on", failure);
    } catch (RuntimeException | Error unsaid) {
      // Nothing may end it, neither too little memory nor a logger that fails.
    }
  }

  /** Does what there is to do. Returns whether there is more to do at once. */
  public boolean runOnce() {
    takeOutcome();
    takeWrittenRows();
    handleCommands();
    boolean more = false;
    long now = clock.millis();
    if (isAnyToRecover(now)) {
      recoverAgain(now);
    }
    for (Partition partition : partitions) {
      if (partition.nextTickAt(now) <= now) {
        more |= partition.tick(now);
      }
      partition.runEntities();
    }
    commit();
    takeOutcome();
    if (!restWaiters.isEmpty()) {
      tellWhoWaitsForRest();
    }
    return more || hasWork();
  }

  /**
   * Completes when nothing happens any more by itself: no code runs, everything is durable, and
   * every message has arrived. For tests that move time.
   *
   * @param othersRest whether those who post to this loop have nothing under way; asked on the
   *     loop's thread
   * @return when the next timer is due, in milliseconds since 1970; the largest number for none
   */
  public CompletableFuture<Long> whenAtRest(BooleanSupplier othersRest) {
    CompletableFuture<Long> reply = new CompletableFuture<>();
    restWaiters.add(new RestWaiter(othersRest, reply));
    if (ended) {
      reply.completeExceptionally(
          new HubClosedException("The hub is closed, and will not come to rest any more."));
    }
    queue.wake();
    return reply;
  }

  private void tellWhoWaitsForRest() {
    RestWaiter waiter = restWaiters.peek();
    // Others are asked first: what they had under way is in the queue by the time they rest.
    if (waiter == null
        || !waiter.othersRest().getAsBoolean()
        || hasWork()
        || hasCommands() // which may wait for rows
        || committing != null) {
      return;
    }
    long now = clock.millis();
    long next = Long.MAX_VALUE;
    for (Partition partition : partitions) {
      if (!partition.isAtRest(now)) {
        return;
      }
    }
    for (Partition partition : partitions) {
      next = Math.min(next, partition.nextTimerAt());
    }
    restWaiters.remove(waiter);
    waiter.reply().complete(next);
    queue.wake(); // for the next one who waits
  }

  private void handleCommands() {
    if (isHeldUp()) {
      return;
    }
    CommandQueue.Node node = backlog != null ? backlog : queue.takeAll();
    long open = 0;
    for (Partition partition : partitions) {
      open += partition.openBytes();
    }
    long room = Math.min(OPEN_BYTES_MAX, unwrittenBytesMax - unwrittenBytes() + open);
    full = false;
    int handled = 0;
    while (node != null && handled < COMMANDS_AT_ONCE && !full) {
      Partition partition = partitions[node.partition];
      open -= partition.openBytes();
      backlog = node.next; // before anything can go wrong: each is handled once
      partition.handle(node.command);
      open += partition.openBytes();
      full = open >= room;
      node = backlog;
      handled++;
    }
  }

  /**
   * Whether commands wait for the commit under way, since there is enough for the next one, or for
   * rows, since there is much that only memory and the log have.
   */
  private boolean isHeldUp() {
    return (full && committing != null) || unwrittenBytes() >= unwrittenBytesMax;
  }

  private long unwrittenBytes() {
    long bytes = 0;
    for (Partition partition : partitions) {
      bytes += partition.unwrittenBytes();
    }
    return bytes;
  }

  private void takeWrittenRows() {
    Command.RowsWritten written;
    while ((written = rowsWritten.poll()) != null) {
      partitions[written.batch().partition()].handle(written);
    }
  }

  // ---- commits ------------------------------------------------------------------------------

  private void commit() {
    if (committing != null) {
      return;
    }
    boolean any = false;
    boolean urgent = false;
    long opened = Long.MAX_VALUE;
    long nanos = 0;
    for (Partition partition : partitions) {
      if (partition.hasOpenBatch()) {
        OpenBatch batch = partition.openBatch();
        if (!any) {
          nanos = nanoTime.getAsLong();
        }
        any = true;
        urgent |= batch.urgent;
        opened = Math.min(opened, batch.openedNanos - nanos);
      }
    }
    if (!any) {
      return;
    }
    long age = -opened;
    long patience =
        urgent
            ? (stepping > 0 ? Math.min((long) commitNanos, STEP_WAIT_NANOS_MAX) : 0)
            : lingerNanos;
    if (age < patience && !full) {
      return;
    }
    full = false;
    List<Closed> batches = new ArrayList<>(partitions.length);
    List<LogRecord> records = new ArrayList<>(partitions.length);
    for (Partition partition : partitions) {
      if (partition.hasOpenBatch()) {
        OpenBatch batch = partition.closeBatch();
        batches.add(new Closed(partition, batch));
        LogRecord record = partition.record(batch);
        if (record != null) {
          records.add(record);
        }
      }
    }
    committing = batches;
    if (records.isEmpty()) {
      outcome = new CommitOutcome(batches, false, null);
      return;
    }
    if (stepping == 0 && queue.isEmpty() && commitNanos < INLINE_COMMIT_NANOS_MAX) {
      commit(batches, records); // nothing else to do meanwhile: spare two changes of thread
    } else {
      try {
        commitExecutor.execute(() -> commit(batches, records));
      } catch (RuntimeException | Error e) { // such as that there can be no more threads
        outcome = new CommitOutcome(batches, true, e);
      }
    }
  }

  private void commit(List<Closed> batches, List<LogRecord> records) {
    long began = nanoTime.getAsLong();
    try {
      store.commit(
          records,
          failure -> {
            double took = nanoTime.getAsLong() - began;
            commitNanos += (took - commitNanos) * 0.1;
            outcome = new CommitOutcome(batches, true, failure);
            queue.wake();
          });
    } catch (RuntimeException | Error e) {
      outcome = new CommitOutcome(batches, true, e);
      queue.wake();
    }
  }

  private void takeOutcome() {
    CommitOutcome ended = outcome;
    if (ended == null) {
      return;
    }
    outcome = null;
    committing = null;
    if (ended.stored() && ended.failure() == null) {
      commits++;
    }
    for (Closed closed : ended.batches()) {
      try {
        if (ended.failure() == null) {
          closed.partition().committed(closed.batch());
        } else {
          closed.partition().commitFailed(closed.batch(), ended.failure());
        }
      } catch (RuntimeException | Error e) {
        sayThatItGoesOn(e); // the others have to hear of it, too
      }
    }
  }

  // ---- waiting ------------------------------------------------------------------------------

  private void nap() {
    long nanos = nanosUntilNext();
    if (nanos <= 0 || hasWork() || stopped) {
      return;
    }
    if (isHeldUp()) {
      queue.parkUntilWoken(nanos);
    } else if (!spin(nanos)) {
      queue.park(nanos);
    }
  }

  /** Whether something has come that {@link #runOnce} has not looked at. */
  public boolean hasWork() {
    return outcome != null || !rowsWritten.isEmpty() || (!isHeldUp() && hasCommands());
  }

  private boolean hasCommands() {
    return backlog != null || !queue.isEmpty();
  }

  /** How long there will be nothing to do for {@link #runOnce} if nothing comes. */
  public long nanosUntilNext() {
    long now = clock.millis();
    long next = now + NAP_MILLIS_MAX;
    boolean open = false;
    for (Partition partition : partitions) {
      next = Math.min(next, partition.nextTickAt(now));
      open |= partition.hasOpenBatch();
    }
    long nanos = TimeUnit.MILLISECONDS.toNanos(next - now);
    if (open && committing == null) {
      nanos = Math.min(nanos, stepping > 0 ? 50_000 : lingerNanos);
    }
    return Math.max(0, nanos);
  }

  /**
   * Waits a moment without going to sleep, as long as that has been paying: waking a thread takes
   * longer than most activities do. Returns whether something came.
   */
  private boolean spin(long nanosMax) {
    naps++;
    if (ONE_CPU || (spinCredit <= 0 && naps % SPIN_TRIAL != 0)) {
      return false;
    }
    long until = System.nanoTime() + Math.min(nanosMax, SPIN_NANOS);
    do {
      if (!queue.isEmpty() || outcome != null) {
        spinCredit = Math.min(SPIN_CREDIT_MAX, spinCredit + 2);
        return true;
      }
      Thread.onSpinWait();
    } while (System.nanoTime() < until);
    spinCredit = Math.max(0, spinCredit - 3);
    return false;
  }

  // ---- the host's side ----------------------------------------------------------------------

  @Override
  public void post(int partition, Command command) {
    if (stopped) {
      CompletableFuture<?> reply = replyTo(command);
      if (reply != null) {
        reply.completeExceptionally(
            new HubClosedException("The hub is closed. Nothing was done; open it again."));
      }
      return;
    }
    switch (command) {
      case Command.Receive c -> messages.execute(() -> enqueue(partition, c));
      case Command.Acknowledge c -> messages.execute(() -> enqueue(partition, c));
      case Command.Resend c -> messages.execute(() -> enqueue(partition, c));
      case Command.RowsWritten c -> {
        rowsWritten.add(c);
        queue.wake();
      }
      default -> enqueue(partition, command);
    }
  }

  private static @Nullable CompletableFuture<?> replyTo(Command command) {
    return switch (command) {
      case Command.Request<?> request -> request.reply();
      case Command.StepEnded step -> step.result().recorded();
      default -> null;
    };
  }

  private void enqueue(int partition, Command command) {
    queue.add(partition, command);
    if (ended) {
      refuseQueued(); // it came too late for whoever refused what was queued
    }
  }

  @Override
  public void dispatch(ActivityWork work) {
    activities.dispatch(work);
  }

  @Override
  public void withdraw(List<ActivityWork> unwanted) {
    activities.withdraw(unwanted);
  }

  @Override
  public RunningBatch run(EntityWork work) {
    return entityRunner.apply(work);
  }

  @Override
  public void writeRows(CheckpointBatch batch) {
    Runnable writing =
        () -> {
          Throwable failure = null;
          try {
            if (rowsFailedIn.get(batch.partition()) == batch.epoch()) {
              throw new StoreException("PD-2011", "Earlier rows could not be written.", null);
            }
            store.writeRows(batch.partition(), batch.epoch(), batch.rows());
            if (batch.logStart() > 0) { // at 0 there is nothing before it
              store.advanceLogStart(batch.partition(), batch.epoch(), batch.logStart());
            }
          } catch (RuntimeException | Error e) {
            failure = e;
            rowsFailedIn.set(batch.partition(), batch.epoch());
          }
          post(batch.partition(), new Command.RowsWritten(batch, failure));
        };
    try {
      rowExecutor.execute(writing);
    } catch (RuntimeException | Error e) { // such as that there can be no more threads
      rowsFailedIn.set(batch.partition(), batch.epoch());
      post(batch.partition(), new Command.RowsWritten(batch, e));
    }
  }

  @Override
  public void stepping(int change) {
    stepping += change;
  }

  @Override
  public void unfinished(int change) {
    unfinished.addAndGet(change);
  }

  @Override
  public String newExecutionId() {
    return executionIds.get();
  }

  /** Unfinished orchestrations in memory. */
  public int unfinished() {
    return unfinished.get();
  }

  /** Stops all partitions: no more steps, everything into rows. Completes when that is done. */
  @SuppressWarnings("NullAway") // allOf gives null, whatever its type says
  public CompletableFuture<@Nullable Void> drain() {
    CompletableFuture<?>[] replies = new CompletableFuture<?>[partitions.length];
    for (int i = 0; i < partitions.length; i++) {
      CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
      replies[i] = reply;
      post(i, new Command.Stop(reply));
    }
    return CompletableFuture.allOf(replies);
  }

  /** Ends {@link #run}; what is queued is refused. */
  public void stop() {
    stopped = true;
    queue.wake();
  }

  /**
   * Answers everybody who still waits. Called when {@link #run} has returned and the last commit
   * has ended.
   */
  public void end() {
    takeOutcome();
    HubClosedException closed =
        new HubClosedException(
            "The hub was closed before this was durable. Ask for the instance's status when it is"
                + " open again.");
    if (committing != null) { // it takes longer than anybody wanted to wait
      committing.forEach(batch -> batch.partition().abandon(batch.batch(), closed));
    }
    for (Partition partition : partitions) {
      partition.abandonOpen(closed);
    }
    for (CommandQueue.Node node = backlog; node != null; node = node.next) {
      post(node.partition, node.command);
    }
    backlog = null;
    ended = true;
    refuseQueued();
    restWaiters.forEach(waiter -> waiter.reply().completeExceptionally(closed));
  }

  private void refuseQueued() {
    for (CommandQueue.Node node = queue.takeAll(); node != null; node = node.next) {
      post(node.partition, node.command);
    }
  }

  /** The clock may have jumped: looks at it again. */
  public void wake() {
    queue.wake();
  }

  /** Commits made so far. */
  public long commits() {
    return commits;
  }

  /** How many steps commits wait a moment for. For tests. */
  int stepping() {
    return stepping;
  }

  /** For tests that break something. */
  Partition partition(int index) {
    return partitions[index];
  }

  /** The number of partitions. */
  public int partitions() {
    return partitions.length;
  }
}
