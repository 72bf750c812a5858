package dev.perdure.engine;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be tuned in an engine. Immutable; start from {@link #DEFAULTS}. No duration
 * may be longer than 100 years ({@link #LONGEST}), which is as good as for ever.
 *
 * @param hostName who this host is, for leases and logs
 * @param activityStart when an activity may start
 * @param defaultVersion the version of orchestrations started without one; may be empty
 * @param limits sizes and counts past which there is an error or a wait
 * @param activitiesMax activities that run at once in this host
 * @param entityBatchesMax entities whose operations run at once in this host, but at least one in
 *     each partition; with fewer, more operations of one entity run together
 * @param warmOrchestrationsMax orchestrations kept in memory, parked, while they wait; past it the
 *     one that has waited longest is taken out and replayed when it goes on; with 0 every wait ends
 *     with a replay, which finds code that is not deterministic
 * @param warmIdle how long an orchestration stays in memory while nothing happens to it
 * @param stepWarning how long one step of an orchestrator may run before it is reported with its
 *     stack
 * @param onNonDeterminism what happens to an instance whose code contradicts its history
 * @param redeliveriesMax how often work may be under way when a host dies before it is parked
 * @param shutdownGrace how long a closing host waits for running activities
 * @param checkpointInterval how long a change stays in the log only; bounds recovery by time
 * @param checkpointLogBytes log bytes after which a checkpoint is made at once; bounds recovery by
 *     size. With twice as many that are not in rows yet, the host waits until rows are written
 * @param commitLinger the longest a commit with nobody waiting for it is put off
 * @param auditInterval how often some instances are picked out in the background and checked for
 *     something that will wake them; zero for never
 */
public record EngineOptions(
    String hostName,
    ActivityStart activityStart,
    String defaultVersion,
    Limits limits,
    int activitiesMax,
    int entityBatchesMax,
    int warmOrchestrationsMax,
    Duration warmIdle,
    Duration stepWarning,
    OnNonDeterminism onNonDeterminism,
    int redeliveriesMax,
    Duration shutdownGrace,
    Duration checkpointInterval,
    long checkpointLogBytes,
    Duration commitLinger,
    Duration auditInterval) {

  /** The longest of all durations here. Times are counted in nanoseconds, in 64 bits. */
  public static final Duration LONGEST = Duration.ofDays(36_500);

  /**
   * The most bytes of inputs, events and statuses that an orchestration may ask for in one step, or
   * an operation of an entity. A commit holds 2 GiB, and has what goes to other instances twice.
   */
  public static final long STEP_BYTES_MAX = 768L << 20;

  /** What is logged takes memory until a checkpoint has written it as rows. */
  private static final long CHECKPOINT_LOG_BYTES =
      Math.clamp(Runtime.getRuntime().maxMemory() / 16, 1L << 20, 64L << 20);

  /** What happens to an instance whose code contradicts its history. */
  public enum OnNonDeterminism {
    /** It is kept as it is and goes on once the code is put right and the host started again. */
    SET_ASIDE,
    /** It fails. */
    FAIL
  }

  /**
   * Sizes and counts past which there is an error or a wait.
   *
   * @param payloadBytesMax bytes of one serialized value
   * @param instanceIdCharsMax characters of an instance id
   * @param openTasksMax tasks that one orchestration may have under way, waits for events included;
   *     one with a timeout is two
   * @param unfinishedInstancesMax unfinished instances one host keeps in memory; past it, starting
   *     another waits and then fails
   * @param startWait how long a start waits when there is too much unfinished work
   * @param entityQueueMax operations that may wait at one entity; past it, signals of clients are
   *     refused. What orchestrations and entities send is always taken
   */
  public record Limits(
      int payloadBytesMax,
      int instanceIdCharsMax,
      int openTasksMax,
      int unfinishedInstancesMax,
      Duration startWait,
      int entityQueueMax) {
    /**
     * 4 MiB payloads, ids of 256 characters, a million open tasks, 500,000 instances, 30 s, a
     * million operations.
     */
    public static final Limits DEFAULTS =
        new Limits(4 << 20, 256, 1_000_000, 500_000, Duration.ofSeconds(30), 1_000_000);

    /** Checks the numbers. */
    public Limits {
      require(payloadBytesMax >= 1024, "limits.payloadBytesMax", payloadBytesMax, "1024 or more");
      require(
          payloadBytesMax <= 512 << 20,
          "limits.payloadBytesMax",
          payloadBytesMax,
          "512 MiB or less");
      require(
          instanceIdCharsMax >= 36 && instanceIdCharsMax <= 1000,
          "limits.instanceIdCharsMax",
          instanceIdCharsMax,
          "36 to 1000");
      require(openTasksMax >= 1, "limits.openTasksMax", openTasksMax, "1 or more");
      require(
          unfinishedInstancesMax >= 1,
          "limits.unfinishedInstancesMax",
          unfinishedInstancesMax,
          "1 or more");
      requireZeroOrMore("limits.startWait", startWait);
      require(entityQueueMax >= 1, "limits.entityQueueMax", entityQueueMax, "1 or more");
    }

    /** These limits with another payload size. */
    public Limits withPayloadBytesMax(int bytes) {
      return new Limits(
          bytes,
          instanceIdCharsMax,
          openTasksMax,
          unfinishedInstancesMax,
          startWait,
          entityQueueMax);
    }

    /** These limits with another length of instance ids. */
    public Limits withInstanceIdCharsMax(int chars) {
      return new Limits(
          payloadBytesMax, chars, openTasksMax, unfinishedInstancesMax, startWait, entityQueueMax);
    }

    /** These limits with another number of open tasks. */
    public Limits withOpenTasksMax(int tasks) {
      return new Limits(
          payloadBytesMax,
          instanceIdCharsMax,
          tasks,
          unfinishedInstancesMax,
          startWait,
          entityQueueMax);
    }

    /** These limits with another number of unfinished instances and another wait. */
    public Limits withUnfinishedInstancesMax(int instances, Duration wait) {
      return new Limits(
          payloadBytesMax, instanceIdCharsMax, openTasksMax, instances, wait, entityQueueMax);
    }

    /** These limits with another number of operations that may wait at one entity. */
    public Limits withEntityQueueMax(int operations) {
      return new Limits(
          payloadBytesMax,
          instanceIdCharsMax,
          openTasksMax,
          unfinishedInstancesMax,
          startWait,
          operations);
    }
  }

  /** What most programs want. */
  public static final EngineOptions DEFAULTS =
      new EngineOptions(
          "local",
          ActivityStart.STRICT,
          "",
          Limits.DEFAULTS,
          1000,
          256,
          20_000,
          Duration.ofSeconds(60),
          Duration.ofSeconds(5),
          OnNonDeterminism.SET_ASIDE,
          5,
          Duration.ofSeconds(10),
          Duration.ofSeconds(2),
          CHECKPOINT_LOG_BYTES,
          Duration.ofMillis(2),
          Duration.ofMinutes(1));

  /** Checks the values. */
  public EngineOptions {
    require(activitiesMax >= 1, "activitiesMax", activitiesMax, "1 or more");
    require(entityBatchesMax >= 1, "entityBatchesMax", entityBatchesMax, "1 or more");
    require(
        warmOrchestrationsMax >= 0, "warmOrchestrationsMax", warmOrchestrationsMax, "0 or more");
    requirePositive("warmIdle", warmIdle);
    requirePositive("stepWarning", stepWarning);
    require(redeliveriesMax >= 1, "redeliveriesMax", redeliveriesMax, "1 or more");
    requireZeroOrMore("shutdownGrace", shutdownGrace);
    requirePositive("checkpointInterval", checkpointInterval);
    require(
        checkpointLogBytes >= 1 << 16, "checkpointLogBytes", checkpointLogBytes, "64 KiB or more");
    requireZeroOrMore("commitLinger", commitLinger);
    requireZeroOrMore("auditInterval", auditInterval);
  }

  private static void requirePositive(String name, Duration duration) {
    require(duration.isPositive(), name, duration, "more than zero");
    requireNoLonger(name, duration);
  }

  private static void requireZeroOrMore(String name, Duration duration) {
    require(!duration.isNegative(), name, duration, "zero or more");
    requireNoLonger(name, duration);
  }

  private static void requireNoLonger(String name, Duration duration) {
    require(duration.compareTo(LONGEST) <= 0, name, duration, "100 years (36,500 days) or less");
  }

  private static void require(boolean condition, String name, @Nullable Object value, String use) {
    if (!condition) {
      throw new IllegalArgumentException(
          "Engine option %s is %s; use %s.".formatted(name, value, use));
    }
  }

  private EngineOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.toOptions();
  }

  /** These options with another host name. */
  public EngineOptions withHostName(String name) {
    return with(o -> o.hostName = name);
  }

  /** These options with another moment at which activities start. */
  public EngineOptions withActivityStart(ActivityStart start) {
    return with(o -> o.activityStart = start);
  }

  /** These options with another default version. */
  public EngineOptions withDefaultVersion(String version) {
    return with(o -> o.defaultVersion = version);
  }

  /** These options with other limits. */
  public EngineOptions withLimits(Limits chosen) {
    return with(o -> o.limits = chosen);
  }

  /** These options with another number of activities at once. */
  public EngineOptions withActivitiesMax(int max) {
    return with(o -> o.activitiesMax = max);
  }

  /** These options with another number of entities whose operations run at once. */
  public EngineOptions withEntityBatchesMax(int max) {
    return with(o -> o.entityBatchesMax = max);
  }

  /** These options with other bounds on orchestrations and entities kept in memory. */
  public EngineOptions withWarm(int max, Duration idle) {
    return with(
        o -> {
          o.warmOrchestrationsMax = max;
          o.warmIdle = idle;
        });
  }

  /** These options with another time after which a step is reported. */
  public EngineOptions withStepWarning(Duration after) {
    return with(o -> o.stepWarning = after);
  }

  /** These options with another answer to nondeterminism. */
  public EngineOptions withOnNonDeterminism(OnNonDeterminism answer) {
    return with(o -> o.onNonDeterminism = answer);
  }

  /** These options with another number of redeliveries before work is parked. */
  public EngineOptions withRedeliveriesMax(int max) {
    return with(o -> o.redeliveriesMax = max);
  }

  /** These options with another time given to running activities when the host closes. */
  public EngineOptions withShutdownGrace(Duration grace) {
    return with(o -> o.shutdownGrace = grace);
  }

  /** These options with other bounds on what a restart has to read. */
  public EngineOptions withCheckpoint(Duration interval, long logBytes) {
    return with(
        o -> {
          o.checkpointInterval = interval;
          o.checkpointLogBytes = logBytes;
        });
  }

  /** These options with another bound on how long a commit is put off. */
  public EngineOptions withCommitLinger(Duration longest) {
    return with(o -> o.commitLinger = longest);
  }

  /** These options with another interval of audits in the background; zero for none. */
  public EngineOptions withAuditInterval(Duration interval) {
    return with(o -> o.auditInterval = interval);
  }

  /** The values of options, to be changed. */
  private static final class Draft {
    private String hostName;
    private ActivityStart activityStart;
    private String defaultVersion;
    private Limits limits;
    private int activitiesMax;
    private int entityBatchesMax;
    private int warmOrchestrationsMax;
    private Duration warmIdle;
    private Duration stepWarning;
    private OnNonDeterminism onNonDeterminism;
    private int redeliveriesMax;
    private Duration shutdownGrace;
    private Duration checkpointInterval;
    private long checkpointLogBytes;
    private Duration commitLinger;
    private Duration auditInterval;

    private Draft(EngineOptions from) {
      hostName = from.hostName;
      activityStart = from.activityStart;
      defaultVersion = from.defaultVersion;
      limits = from.limits;
      activitiesMax = from.activitiesMax;
      entityBatchesMax = from.entityBatchesMax;
      warmOrchestrationsMax = from.warmOrchestrationsMax;
      warmIdle = from.warmIdle;
      stepWarning = from.stepWarning;
      onNonDeterminism = from.onNonDeterminism;
      redeliveriesMax = from.redeliveriesMax;
      shutdownGrace = from.shutdownGrace;
      checkpointInterval = from.checkpointInterval;
      checkpointLogBytes = from.checkpointLogBytes;
      commitLinger = from.commitLinger;
      auditInterval = from.auditInterval;
    }

    private EngineOptions toOptions() {
      return new EngineOptions(
          hostName,
          activityStart,
          defaultVersion,
          limits,
          activitiesMax,
          entityBatchesMax,
          warmOrchestrationsMax,
          warmIdle,
          stepWarning,
          onNonDeterminism,
          redeliveriesMax,
          shutdownGrace,
          checkpointInterval,
          checkpointLogBytes,
          commitLinger,
          auditInterval);
    }
  }
}
