package dev.perdure.engine.activity;

import dev.perdure.api.ActivityContext;
import dev.perdure.api.DataConverter;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.NonRetriable;
import dev.perdure.api.Payload;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.engine.EngineFailures;
import dev.perdure.engine.PayloadReader;
import dev.perdure.engine.functions.ActivityFunction;
import dev.perdure.engine.functions.FunctionRegistry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs activities on threads of their own: at most so many at once in all, and at most so many of
 * each name that asks for a limit. What is past a limit waits in the order in which it came.
 *
 * <p>The queues hold what the open tasks of unfinished instances hold anyway, and are bounded with
 * them. Thread-safe.
 */
public final class ActivityDispatcher {
  /** Is told how an activity ended, on the activity's thread. Must be quick and must not throw. */
  @FunctionalInterface
  public interface Listener {
    /** Called once for each activity that ended. */
    void activityEnded(
        ActivityWork work, @Nullable Payload result, @Nullable FailureDetails failure);
  }

  private static final System.Logger LOG = System.getLogger("dev.perdure.activity");

  private final FunctionRegistry functions;
  private final DataConverter converter;
  private final int payloadBytesMax;
  private final int runningMax;
  private final ThreadFactory threads;
  private final Listener listener;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Deque<ActivityWork> ready = new ArrayDeque<>();
  private final Map<String, Lane> lanes = new HashMap<>();

  /** How many wait, {@link #ready} or in a lane. */
  private int waiting;

  /** Of those that wait, what nobody wants run any more; it is passed over when its turn comes. */
  private final Set<ActivityWork.Key> withdrawn = new HashSet<>();

  private int running;
  private boolean stopped;

  private volatile boolean cancelling;

  /**
   * What waits or runs, each with the times that it was handed out again meanwhile: a partition
   * that recovers hands out all that is open. It is run once, and each time is told of its end.
   */
  private final Map<ActivityWork.Key, List<ActivityWork>> inHand = new ConcurrentHashMap<>();

  /** What each thread runs. */
  private final Map<Thread, ActivityWork> active = new ConcurrentHashMap<>();

  private final Set<Context> cancellable = ConcurrentHashMap.newKeySet();

  private static final class Lane {
    private final int max;
    private final Deque<ActivityWork> waiting = new ArrayDeque<>();
    private int running;

    private Lane(int max) {
      this.max = max;
    }
  }

  /**
   * A dispatcher at rest.
   *
   * @param runningMax activities that run at once
   * @param threads makes the threads that activities run on
   */
  public ActivityDispatcher(
      FunctionRegistry functions,
      DataConverter converter,
      int payloadBytesMax,
      int runningMax,
      ThreadFactory threads,
      Listener listener) {
    this.functions = functions;
    this.converter = converter;
    this.payloadBytesMax = payloadBytesMax;
    this.runningMax = runningMax;
    this.threads = threads;
    this.listener = listener;
    for (ActivityFunction function : functions.activities()) {
      if (function.maxConcurrent() > 0) {
        lanes.put(function.name(), new Lane(function.maxConcurrent()));
      }
    }
  }

  /** Runs an activity as soon as the limits allow. */
  public void dispatch(ActivityWork work) {
    if (!isNew(work)) {
      return;
    }
    lock.lock();
    try {
      if (stopped) {
        return; // it is in the history and will be dispatched by the next host
      }
      Lane lane = lanes.get(work.name());
      if (lane != null && lane.running >= lane.max) {
        lane.waiting.add(work);
        waiting++;
        return;
      }
      if (running >= runningMax) {
        ready.add(work);
        waiting++;
        return;
      }
      running++;
      if (lane != null) {
        lane.running++;
      }
    } finally {
      lock.unlock();
    }
    try {
      startThread(work);
    } catch (RuntimeException | Error e) { // such as that there can be no more threads
      inHand.remove(work.key());
      lock.lock();
      try {
        running--;
        Lane lane = lanes.get(work.name());
        if (lane != null) {
          lane.running--;
        }
      } finally {
        lock.unlock();
      }
      throw e;
    }
  }

  /** Whether the same work neither waits nor runs; if it does, it is told of this time too. */
  private boolean isNew(ActivityWork work) {
    ActivityWork.Key key = work.key();
    while (inHand.putIfAbsent(key, List.of()) != null) {
      if (inHand.computeIfPresent(key, (same, times) -> joined(times, List.of(work))) != null) {
        return false;
      }
    }
    return true;
  }

  private static List<ActivityWork> joined(List<ActivityWork> some, List<ActivityWork> more) {
    List<ActivityWork> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  private void tellEnd(
      ActivityWork work, @Nullable Payload result, @Nullable FailureDetails failure) {
    List<ActivityWork> times = inHand.remove(work.key());
    listener.activityEnded(work, result, failure);
    if (times != null) {
      times.forEach(time -> listener.activityEnded(time, result, failure));
    }
  }

  /** Does not run activities any more that wait for their turn. Those that run go on. */
  public void withdraw(List<ActivityWork> unwanted) {
    lock.lock();
    try {
      if (waiting > 0) {
        unwanted.stream()
            .map(ActivityWork::key)
            .filter(inHand::containsKey)
            .forEach(withdrawn::add);
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many are withdrawn and still in hand, at most. For tests. */
  int withdrawn() {
    lock.lock();
    try {
      return withdrawn.size();
    } finally {
      lock.unlock();
    }
  }

  private void startThread(ActivityWork work) {
    threads.newThread(() -> runFrom(work)).start();
  }

  /** Runs one activity, and then others that wait, on the same thread. */
  private void runFrom(ActivityWork first) {
    Thread thread = Thread.currentThread();
    try {
      ActivityWork work = first;
      while (work != null) {
        active.put(thread, work);
        run(work);
        if (!cancelling) {
          Thread.interrupted(); // the next one has nothing to do with it
        }
        work = next(work);
      }
    } finally {
      active.remove(thread);
    }
  }

  /** Gives back the place of an activity that has ended, and takes the next one for it. */
  private @Nullable ActivityWork next(ActivityWork done) {
    List<ActivityWork> passedOver = new ArrayList<>(0);
    ActivityWork work;
    lock.lock();
    try {
      Lane lane = lanes.get(done.name());
      if (lane != null) {
        lane.running--;
        ActivityWork first = take(lane.waiting, passedOver);
        if (first != null) {
          ready.addFirst(first); // it has waited long enough, for this very place
          waiting++;
        }
      }
      work = stopped ? null : takeReady(passedOver);
      if (waiting == 0) {
        withdrawn.clear(); // what is left ran when it was withdrawn
      } else if (!withdrawn.isEmpty()) {
        withdrawn.remove(done.key()); // so did this one, if it is there
      }
      if (work == null) {
        running--;
        ended.signalAll();
      }
    } finally {
      lock.unlock();
    }
    passedOver.forEach(each -> tellEnd(each, null, EngineFailures.activityWithdrawn()));
    return work;
  }

  private @Nullable ActivityWork takeReady(List<ActivityWork> passedOver) {
    while (true) {
      ActivityWork work = take(ready, passedOver);
      if (work == null) {
        return null;
      }
      Lane lane = lanes.get(work.name());
      if (lane == null) {
        return work;
      }
      if (lane.running < lane.max) {
        lane.running++;
        return work;
      }
      lane.waiting.add(work);
      waiting++;
    }
  }

  /** The first of a queue that was not withdrawn; null if there is none. */
  private @Nullable ActivityWork take(Deque<ActivityWork> queue, List<ActivityWork> passedOver) {
    ActivityWork work;
    while ((work = queue.poll()) != null) {
      waiting--;
      if (withdrawn.isEmpty() || !withdrawn.remove(work.key())) {
        return work;
      }
      passedOver.add(work);
    }
    return null;
  }

  private void run(ActivityWork work) {
    Payload result = null;
    FailureDetails failure = null;
    try {
      result = invoke(work);
    } catch (Throwable e) {
      if (cancelling && !(e instanceof NonRetriable)) {
        return; // it stopped early because it was asked to; it will run again
      }
      LOG.log(
          System.Logger.Level.DEBUG,
          () -> "Activity '%s' of instance '%s' failed".formatted(work.name(), work.instanceId()),
          e);
      failure = FailureDetails.of(e);
    }
    tellEnd(work, result, failure);
  }

  private @Nullable Payload invoke(ActivityWork work) throws Throwable {
    ActivityFunction function = functions.activity(work.name());
    if (function == null) {
      throw functions.activityNotFound(work.name());
    }
    Payload serialized = work.input();
    Object input =
        serialized == null || function.inputType() == Void.class
            ? null
            : PayloadReader.read(
                converter,
                serialized,
                function.inputType(),
                () -> "the input of activity '%s'".formatted(work.name()));
    Context context = new Context(work);
    Object output;
    try {
      output = function.invoke(context, input);
    } finally {
      context.end();
    }
    if (output == null) {
      return null;
    }
    Payload result = converter.toPayload(output);
    if (result.size() > payloadBytesMax) {
      throw new PayloadTooLargeException(
          ("Instance '%s': the output of activity '%s' (#%d) has %d bytes, the limit is %d"
                  + " (limits.payloadBytesMax). Keep large data elsewhere and return a reference to"
                  + " it.")
              .formatted(
                  work.instanceId(), work.name(), work.taskId(), result.size(), payloadBytesMax));
    }
    return result;
  }

  /**
   * What a host has not finished. An activity that is just being started may be missing; it is
   * there the next time.
   *
   * @param waiting activities that wait because as many run as may
   * @param running activities that run
   */
  public record Unfinished(List<ActivityWork> waiting, List<ActivityWork> running) {
    /** Of a host that runs nothing. */
    public static final Unfinished NOTHING = new Unfinished(List.of(), List.of());

    /** This and what others have not finished. */
    public Unfinished and(Unfinished others) {
      return new Unfinished(joined(waiting, others.waiting), joined(running, others.running));
    }
  }

  /** What waits to run, and what runs. */
  public Unfinished unfinishedWork() {
    List<ActivityWork> waits;
    lock.lock();
    try {
      waits = new ArrayList<>(ready);
      lanes.values().forEach(lane -> waits.addAll(lane.waiting));
      waits.removeIf(work -> withdrawn.contains(work.key()));
    } finally {
      lock.unlock();
    }
    return new Unfinished(waits, List.copyOf(active.values()));
  }

  /** Activities that run and that wait to run. */
  public int unfinished() {
    lock.lock();
    try {
      return running + waiting;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Starts no more activities, asks those that run to end, and waits for them.
   *
   * @return how many still ran when the time was up; they are interrupted, and what they do is
   *     ignored
   */
  public int stop(Duration grace) {
    lock.lock();
    try {
      stopped = true;
      cancelling = true;
      ready.clear();
      lanes.values().forEach(lane -> lane.waiting.clear());
      waiting = 0;
    } finally {
      lock.unlock();
    }
    cancellable.forEach(Context::cancel);
    lock.lock();
    try {
      long left = grace.toNanos();
      while (running > 0 && left > 0) {
        left = ended.awaitNanos(left);
      }
      active.keySet().forEach(Thread::interrupt);
      return running;
    } catch (InterruptedException e) { // whoever closes is in a hurry
      active.keySet().forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
      return running;
    } finally {
      lock.unlock();
    }
  }

  private final class Context implements ActivityContext {
    private final ActivityWork work;
    private List<Runnable> onCancellation = List.of();

    private Context(ActivityWork work) {
      this.work = work;
    }

    @Override
    public String instanceId() {
      return work.instanceId();
    }

    @Override
    public String name() {
      return work.name();
    }

    @Override
    public int taskId() {
      return work.taskId();
    }

    @Override
    public int attempt() {
      return work.attempt();
    }

    @Override
    public String idempotencyKey() {
      // A call may stand where a rewind removed another one; what is called tells them apart.
      return work.instanceId()
          + "/"
          + work.executionId()
          + "/"
          + work.firstTaskId()
          + "/"
          + digest(work);
    }

    private static String digest(ActivityWork work) {
      MessageDigest digest;
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every Java runtime has SHA-256", e);
      }
      digest.update(work.name().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      if (work.input() != null) {
        digest.update(work.input().text().getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    }

    @Override
    public boolean isCancellationRequested() {
      return cancelling;
    }

    @Override
    public void onCancellation(Runnable action) {
      synchronized (this) {
        if (onCancellation.isEmpty()) {
          onCancellation = new ArrayList<>(1);
        }
        onCancellation.add(action);
      }
      cancellable.add(this);
      if (cancelling) {
        cancel();
      }
    }

    void cancel() {
      for (Runnable action : takeActions()) {
        try {
          action.run();
        } catch (RuntimeException | Error e) {
          LOG.log(System.Logger.Level.WARNING, "A cancellation action of an activity failed", e);
        }
      }
    }

    private synchronized List<Runnable> takeActions() {
      List<Runnable> actions = onCancellation;
      onCancellation = List.of();
      return actions;
    }

    /** The activity is over: nobody is to be told of anything any more. */
    void end() {
      takeActions();
      cancellable.remove(this);
    }
  }

  @Override
  public String toString() {
    return "ActivityDispatcher[" + unfinished() + " unfinished, at most " + runningMax + "]";
  }
}
