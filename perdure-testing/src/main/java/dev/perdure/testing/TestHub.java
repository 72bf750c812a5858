package dev.perdure.testing;

import dev.perdure.api.ActivityLambda;
import dev.perdure.api.AuditReport;
import dev.perdure.api.BiActivityLambda;
import dev.perdure.api.DataConverter;
import dev.perdure.api.DurableHttpRequest;
import dev.perdure.api.DurableHttpResponse;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.Problem;
import dev.perdure.api.WaitTimeoutException;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.ActivityFunction;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.functions.Registrations;
import dev.perdure.json.JacksonDataConverter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A hub in memory, whose time stands still until the test moves it: a timer of 30 days passes in
 * milliseconds, and nothing is waited for by sleeping. Real code runs in it, on the real engine.
 *
 * <pre>{@code
 * try (TestHub hub = TestHub.builder().register(new Cities()).open()) {
 *   assertEquals("Hello, Tokyo", hub.run("helloCities", "Tokyo", String.class));
 * }
 * }</pre>
 *
 * <p>Unless the options say otherwise, every orchestration is replayed after every wait, so that
 * code that is not deterministic is found by any test that runs it.
 *
 * <p>Safe from any thread, but not for use inside orchestrators and activities.
 */
public final class TestHub implements AutoCloseable {
  /** How far time is moved for something that does not come. */
  private static final Duration FAR = Duration.ofDays(3_653);

  /** No timer may be longer. */
  private static final Duration FARTHEST = Duration.ofDays(366_000);

  /** Answers HTTP requests instead of a network. */
  @FunctionalInterface
  public interface HttpAnswer {
    /** Answers a request; throws for one that does not come through. */
    DurableHttpResponse to(DurableHttpRequest request) throws Exception;
  }

  private final Builder settings;
  private final VirtualClock clock;
  private final CallLog calls;
  private final Lives lives;
  private final HubClient client;
  private final Set<String> noticed = ConcurrentHashMap.newKeySet();

  private TestHub(Builder settings, Supplier<Builder> program, @Nullable CrashPoint crash) {
    this.settings = settings;
    this.clock = new VirtualClock(settings.start);
    this.calls = new CallLog(clock);
    this.lives = new Lives(clock, calls, settings, program, crash);
    this.client = new HubClient(this, lives);
    lives.open();
  }

  /** A hub whose first host is killed at a commit; the program is made anew for every host. */
  static TestHub dying(Supplier<Builder> program, @Nullable CrashPoint crash) {
    Builder first = program.get();
    AtomicBoolean begun = new AtomicBoolean();
    return new TestHub(
        first, () -> begun.compareAndSet(false, true) ? first : program.get(), crash);
  }

  /** Says what is in a hub before it is opened. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts and manages orchestrations; the same one over restarts. Where it waits, time passes: its
   * timeouts are in the hub's time. Instances that are started without an id are called {@code
   * instance-1}, {@code instance-2} and so on.
   */
  public PerdureClient client() {
    return client;
  }

  // ---- running ------------------------------------------------------------------------------

  /**
   * Runs an orchestration from its start to its output; time passes meanwhile.
   *
   * @throws AssertionError if it does not end, or not with an output
   */
  public <T> @Nullable T run(String orchestrator, @Nullable Object input, Class<T> outputType) {
    return output(client.startNew(orchestrator, input), outputType);
  }

  /**
   * Lets time pass until an orchestration has ended, for at most ten years.
   *
   * @return how it ended
   * @throws AssertionError if it cannot end: it waits for an event, say, or was set aside
   */
  public OrchestrationMetadata await(String instanceId) {
    return await(instanceId, FAR);
  }

  /**
   * Lets time pass until an orchestration has ended.
   *
   * @param longest how much time may pass, in the hub's time
   * @throws AssertionError if it does not end
   */
  public OrchestrationMetadata await(String instanceId, Duration longest) {
    try {
      return client.waitForCompletion(instanceId, longest);
    } catch (WaitTimeoutException | InstanceNotFoundException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /**
   * Lets time pass until an orchestration has completed; its output.
   *
   * @throws AssertionError if it does not end, or fails or is terminated
   */
  public <T> @Nullable T output(String instanceId, Class<T> type) {
    OrchestrationMetadata end = await(instanceId);
    if (end.status() != OrchestrationStatus.COMPLETED) {
      throw new AssertionError(
          "Instance '%s' is %s instead of COMPLETED.%s"
              .formatted(instanceId, end.status(), describe(end.failure())));
    }
    return end.output(type);
  }

  /**
   * Lets time pass until an orchestration has failed; its failure.
   *
   * @throws AssertionError if it does not end, or does not fail
   */
  public FailureDetails failure(String instanceId) {
    OrchestrationMetadata end = await(instanceId);
    FailureDetails failure = end.failure();
    if (end.status() != OrchestrationStatus.FAILED || failure == null) {
      throw new AssertionError(
          "Instance '%s' is %s instead of FAILED.".formatted(instanceId, end.status()));
    }
    return failure;
  }

  private static String describe(@Nullable FailureDetails failure) {
    StringBuilder text = new StringBuilder();
    String begin = "\n";
    for (FailureDetails at = failure; at != null; at = at.cause()) {
      text.append(begin).append(at);
      if (at.stackTrace() != null) {
        text.append('\n').append(at.stackTrace().stripTrailing());
      }
      begin = "\ncaused by ";
    }
    return text.toString();
  }

  // ---- time ---------------------------------------------------------------------------------

  /** The time in the hub. */
  public Instant now() {
    return clock.instant();
  }

  /**
   * Lets time pass. Whatever is due on the way happens at its time, in order, and what follows from
   * it before time goes on. Returns when nothing happens any more.
   */
  public void advance(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("Time does not go back: " + duration);
    }
    advanceTo(now().plus(duration));
  }

  /** Lets time pass until then; nothing is left out on the way. */
  public void advanceTo(Instant then) {
    Optional<Instant> next = runUntilIdle();
    while (next.isPresent() && !next.get().isAfter(then)) {
      next = moveTo(next.get());
    }
    moveTo(then);
  }

  private Optional<Instant> moveTo(Instant then) {
    clock.moveTo(then);
    lives.<@Nullable Void>ask(
        (engine, again) -> {
          engine.clockChanged();
          return null;
        });
    return runUntilIdle();
  }

  /**
   * Waits, while time stands still, until nothing happens any more: no code runs, and everything
   * waits for a timer or for something from outside.
   *
   * @return when the next timer is due; empty if there is none
   * @throws AssertionError if the hub does not come to rest
   */
  public Optional<Instant> runUntilIdle() {
    return lives.ask((engine, again) -> rest(engine));
  }

  private Optional<Instant> rest(Engine engine) {
    try {
      return engine.whenAtRest().get(settings.patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      String running = calls.describeRunning();
      throw new AssertionError(
          "The hub has not come to rest for %s.".formatted(settings.patience)
              + (running.isEmpty()
                  ? " No activity runs, so orchestrations or entities keep each other or themselves"
                      + " going, or one of them computes."
                  : " It waits for:" + running)
              + "\nIf that is meant to take so long, use TestHub.builder().patience(...).",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the hub came to rest", e);
    }
  }

  /** Lets time pass until an orchestration is in a status. */
  OrchestrationMetadata waitFor(
      String id, Duration longest, Predicate<OrchestrationStatus> wanted, String what) {
    Duration patience = longest.compareTo(FARTHEST) > 0 ? FARTHEST : longest;
    Instant deadline = patience.isNegative() ? now() : now().plus(patience);
    long realDeadline = System.nanoTime() + settings.patience.toNanos();
    while (true) {
      Optional<Instant> next = runUntilIdle();
      OrchestrationMetadata metadata =
          client
              .status(id, true)
              .orElseThrow(
                  () ->
                      new InstanceNotFoundException(
                          "There is no instance '%s' to wait for.".formatted(id)));
      if (wanted.test(metadata.status())) {
        return metadata;
      }
      Problem problem = metadata.problem();
      if (problem != null) {
        noticed.add(id);
        throw new AssertionError(
            "Instance '%s' was set aside (%s): %s"
                .formatted(id, problem.kind(), problem.message()));
      }
      if (next.isEmpty()) {
        throw gaveUp(id, what, "no timer is left that could change that");
      }
      if (next.get().isAfter(deadline)) {
        moveTo(deadline);
        throw gaveUp(id, what, "nothing more happens until " + deadline);
      }
      if (System.nanoTime() - realDeadline > 0) {
        throw gaveUp(
            id,
            what,
            "timers have gone off for %s, and the time is %s now"
                .formatted(settings.patience, now()));
      }
      moveTo(next.get());
    }
  }

  private WaitTimeoutException gaveUp(String id, String what, String why) {
    return new WaitTimeoutException(
        "Waited for instance '%s' in vain until %s: %s.\n%s"
            .formatted(id, what, why, client.explain(id)));
  }

  boolean isActivity() {
    return calls.isActivity(Thread.currentThread());
  }

  // ---- looking ------------------------------------------------------------------------------

  /** The history of an orchestration's current execution. */
  public List<HistoryEvent> history(String instanceId) {
    return client.history(instanceId);
  }

  /** The history of an orchestration's current execution, to assert things of. */
  public HistoryAssert assertHistory(String instanceId) {
    return HistoryAssert.of(history(instanceId));
  }

  /** All runs of activities since the hub was first opened, in the order in which they began. */
  public List<ActivityCall> calls() {
    return calls.calls();
  }

  /** All runs of one activity since the hub was first opened, in the order in which they began. */
  public List<ActivityCall> calls(String activity) {
    return calls().stream().filter(call -> call.activity().equals(activity)).toList();
  }

  /** The state of an entity, once nothing happens any more; null if it has none. */
  public <T> @Nullable T entityState(EntityId entity, Class<T> type) {
    runUntilIdle();
    Optional<EntityMetadata> known = client.getEntity(entity);
    return known.isEmpty() ? null : known.get().state(type);
  }

  /**
   * Why an orchestration or entity was set aside, once nothing happens any more; empty if it was
   * not. Who asks has noticed, and {@link #checkNothingIsStuck} says no more about it.
   *
   * @param instanceId an orchestration, or an entity as {@link EntityId#instanceId()}
   */
  public Optional<Problem> problem(String instanceId) {
    runUntilIdle();
    noticed.add(instanceId);
    return Optional.ofNullable(client.explain(instanceId).problem());
  }

  /**
   * Checks that nothing was set aside unnoticed, and proves by an {@linkplain PerdureClient#audit()
   * audit} that everything that has not ended will be woken by something.
   *
   * @throws AssertionError if that is not so; says of which instances
   */
  public void checkNothingIsStuck() {
    runUntilIdle();
    AuditReport report = client.audit();
    List<String> wrong = new ArrayList<>();
    for (AuditReport.Finding finding : report.findings()) {
      wrong.add(
          "nothing will wake '%s': %s".formatted(finding.instanceId(), finding.description()));
    }
    for (AuditReport.Finding note : report.notes()) {
      if (note.kind().equals("set-aside") && !noticed.contains(note.instanceId())) {
        wrong.add("'%s' %s".formatted(note.instanceId(), note.description()));
      }
    }
    if (!wrong.isEmpty()) {
      throw new AssertionError(
          "Something is stuck in the hub:\n  - " + String.join("\n  - ", wrong));
    }
  }

  // ---- hosts come and go ----------------------------------------------------------------------

  /** Stops the host in an orderly way and starts it again. Time stands still meanwhile. */
  public void restart() {
    lives.restart();
  }

  /**
   * Stops the host in an orderly way and starts another program on the same hub: an upgrade.
   *
   * @param changed the functions and options of the new program; its start time, partitions,
   *     patience and seed do not count
   */
  public void restart(Builder changed) {
    lives.restart(() -> changed);
  }

  /**
   * Kills the host and starts it again. What had not reached the disk is lost, and activities that
   * were running will run again. Time stands still meanwhile.
   */
  public void crash() {
    lives.crash();
  }

  /** Stops the host; the hub is gone. Does nothing the second time. */
  @Override
  public void close() {
    lives.close();
  }

  boolean isClosed() {
    return lives.isOver();
  }

  Lives lives() {
    return lives;
  }

  DataConverter converter() {
    return settings.converter;
  }

  /** Says what is in a hub before it is opened. Not thread-safe. */
  public static final class Builder extends Registrations<Builder> {
    private final Map<String, Replacement> replacements = new LinkedHashMap<>();
    private @Nullable HttpAnswer http;
    private DataConverter converter = new JacksonDataConverter();
    private EngineOptions options =
        EngineOptions.DEFAULTS
            .withWarm(0, EngineOptions.DEFAULTS.warmIdle())
            .withCommitLinger(Duration.ZERO)
            .withShutdownGrace(Duration.ofSeconds(2));
    private Instant start = Instant.parse("2030-01-01T00:00:00Z");
    private Duration patience = Duration.ofSeconds(10);
    private int partitions = 4;
    private long seed = 2030;

    private Builder() {}

    // ---- replacements -------------------------------------------------------------------------

    /**
     * Lets other code take the place of a registered activity, whether it is called by name or by
     * method reference. Opening the hub fails if no such activity is registered.
     *
     * @param name the name under which it is registered
     * @param inputType what the other code takes; {@code Void.class} for nothing
     */
    public <I> Builder replaceActivity(
        String name, Class<I> inputType, ActivityLambda<@Nullable I> code) {
      return replaceActivity(name, inputType, (ctx, input) -> code.run(input));
    }

    /** Lets other code, which wants to know about its call, take the place of an activity. */
    public <I> Builder replaceActivity(
        String name, Class<I> inputType, BiActivityLambda<@Nullable I> code) {
      replacements.put(name, Replacement.of(name, inputType, code));
      return this;
    }

    /** Lets an activity return this value whenever it is called, whatever with. */
    public Builder replaceActivity(String name, @Nullable Object result) {
      replacements.put(name, new Replacement(name, null, (ctx, input) -> result));
      return this;
    }

    /**
     * Answers what orchestrators ask for by {@code callHttp}; without it, requests go out to the
     * network. Redirects are not followed.
     */
    public Builder replaceHttp(HttpAnswer answers) {
      this.http = answers;
      return this;
    }

    // ---- the rest -----------------------------------------------------------------------------

    /** Replaces the data converter; the default writes JSON. */
    public Builder dataConverter(DataConverter chosen) {
      this.converter = chosen;
      return this;
    }

    /** Changes the engine's options. */
    public Builder options(UnaryOperator<EngineOptions> change) {
      this.options = change.apply(options);
      return this;
    }

    /** The time at which the hub is opened; 2030 begins then, unless this says otherwise. */
    public Builder startTime(Instant at) {
      this.start = at;
      return this;
    }

    /** How many partitions the hub has; 4 unless this says otherwise. */
    public Builder partitions(int count) {
      this.partitions = count;
      return this;
    }

    /**
     * How long, in real time, the hub may take to come to rest, before the test is told that it
     * does not: 10 seconds unless this says otherwise. While debugging, more may be wanted.
     */
    public Builder patience(Duration longest) {
      this.patience = longest;
      return this;
    }

    /** What random ids are made from; the same for every hub unless this says otherwise. */
    public Builder seed(long chosen) {
      this.seed = chosen;
      return this;
    }

    /**
     * Opens a hub.
     *
     * @throws dev.perdure.api.FunctionNotFoundException if an activity is replaced that is not
     *     registered
     */
    public TestHub open() {
      return new TestHub(this, () -> this, null);
    }

    FunctionRegistry functions() {
      FunctionRegistry registered = registered();
      FunctionRegistry.Builder all = registered.toBuilder();
      if (http != null) {
        all.builtIn(new HttpReplacement(http));
      }
      for (Replacement replacement : replacements.values()) {
        ActivityFunction replaced = registered.activity(replacement.name());
        if (replaced == null) {
          throw registered.activityNotFound(replacement.name());
        }
        all.replace(replacement.inPlaceOf(replaced));
      }
      return all.build();
    }

    DataConverter converter() {
      return converter;
    }

    EngineOptions engineOptions() {
      return options;
    }

    Duration patience() {
      return patience;
    }

    int partitions() {
      return partitions;
    }

    long seed() {
      return seed;
    }
  }
}
