package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.AuditReport;
import dev.perdure.api.Explanation;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * A hub to test with: an engine on a store in the heap, whose time stands still until it is moved.
 * Whenever its program stops, an audit proves first that whatever it leaves will be woken.
 */
final class TestHub implements AutoCloseable {
  /** How long a test waits for what should happen at once. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** When time begins. */
  static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

  /** What the hubs of tests have in common. */
  static final EngineOptions OPTIONS =
      EngineOptions.DEFAULTS.withShutdownGrace(Duration.ofSeconds(2));

  private static final int PARTITIONS = 4;

  private final ManualClock clock = new ManualClock(NOON);
  private final MemoryDisk disk = new MemoryDisk();
  private final Random random = new Random(2030);
  private final EngineOptions options;
  private final ThreadFactory activityThreads;
  private boolean audited = true;
  private volatile boolean hurried;
  private UnaryOperator<FunctionRegistry.Builder> program;
  private MemoryStore store;
  private Engine engine;
  private boolean open;

  TestHub(EngineOptions options, UnaryOperator<FunctionRegistry.Builder> functions) {
    this(options, functions, Thread.ofVirtual().name("perdure-activity").factory());
  }

  TestHub(
      EngineOptions options,
      UnaryOperator<FunctionRegistry.Builder> functions,
      ThreadFactory activityThreads) {
    this.options = options;
    this.activityThreads = activityThreads;
    open(functions);
  }

  private void open(UnaryOperator<FunctionRegistry.Builder> functions) {
    program = functions;
    store = MemoryStore.open(disk, PARTITIONS);
    engine =
        Engine.start(
            store,
            functions.apply(FunctionRegistry.builder()).build(),
            new JacksonDataConverter(),
            options,
            new EngineEnvironment(
                clock,
                System::nanoTime,
                random,
                Thread.ofVirtual().name(EngineEnvironment.ORCHESTRATOR_THREAD).factory(),
                activityThreads,
                Thread.ofVirtual().name("perdure-entity").factory(),
                Threads::new,
                Runnable::run));
    open = true;
  }

  private final class Threads extends SystemThreads {
    @Override
    public void pause(Duration time) {
      super.pause(hurried ? time.dividedBy(100) : time);
    }
  }

  /** Stops the program and starts it again on the same store; no code is in memory then. */
  void restart() {
    restartProgram(program);
  }

  /** Stops the program and starts another one, with other functions, on the same store. */
  void restartProgram(UnaryOperator<FunctionRegistry.Builder> functions) {
    close();
    open(functions);
  }

  /** Is not audited any more: the test breaks it on purpose. */
  TestHub withoutAudit() {
    audited = false;
    return this;
  }

  /**
   * Audits look again soon at what looks wrong. For a hub that is broken, whose findings stay; in
   * one that works they might be told of what is only late.
   */
  TestHub hurried() {
    hurried = true;
    return this;
  }

  @Override
  public void close() {
    if (!open) {
      return;
    }
    open = false;
    try {
      if (audited) {
        AuditReport audit = client().audit();
        assertThat(audit.findings()).as(audit::toString).isEmpty();
      }
    } finally {
      engine.close();
      store.close();
    }
  }

  Engine engine() {
    return engine;
  }

  PerdureClient client() {
    return engine.client();
  }

  // ---- running orchestrations ---------------------------------------------------------------

  /** Starts an orchestration and waits until its code has run for the first time. */
  String start(String name) {
    return start(name, null);
  }

  /** Starts an orchestration and waits until its code has run for the first time. */
  String start(String name, Object input) {
    return start(name, input, StartOptions.DEFAULT);
  }

  /** Starts an orchestration and waits until its code has run for the first time. */
  String start(String name, Object input, StartOptions how) {
    String id = client().startNew(name, input, how);
    client().waitForStart(id, PATIENCE);
    return id;
  }

  /** Runs an orchestration from the start to its output. */
  <T> T run(String name, Object input, Class<T> outputType) {
    return output(client().startNew(name, input), outputType);
  }

  /** Waits until an orchestration has ended. */
  OrchestrationMetadata end(String id) {
    return client().waitForCompletion(id, PATIENCE);
  }

  /** Waits until an orchestration has completed; its output. */
  <T> T output(String id, Class<T> type) {
    OrchestrationMetadata end = end(id);
    assertThat(end.status())
        .as(() -> end + "\n" + (end.failure() == null ? "" : end.failure().stackTrace()))
        .isEqualTo(OrchestrationStatus.COMPLETED);
    return end.output(type);
  }

  /** Waits until an orchestration has failed; its failure. */
  FailureDetails failure(String id) {
    OrchestrationMetadata end = end(id);
    assertThat(end.status()).as(end::toString).isEqualTo(OrchestrationStatus.FAILED);
    return Objects.requireNonNull(end.failure());
  }

  OrchestrationMetadata status(String id) {
    return client().status(id).orElseThrow();
  }

  // ---- time ---------------------------------------------------------------------------------

  Instant now() {
    return clock.instant();
  }

  void advance(Duration duration) {
    clock.advance(duration);
    engine.clockChanged();
  }

  /**
   * Moves time from one timer of an orchestration to the next until it has ended. While an activity
   * is under way, time stands still: activities take no time, however busy the machine is.
   */
  OrchestrationMetadata endWhileTimePasses(String id) {
    until(
        id + " has ended",
        () -> {
          Explanation explanation = client().explain(id);
          List<Explanation.Wait> waits = explanation.waits();
          if (waits.stream().noneMatch(wait -> wait.kind().equals("activity"))) {
            waits.stream()
                .map(Explanation.Wait::due)
                .filter(Objects::nonNull)
                .min(Instant::compareTo)
                .filter(due -> due.isAfter(now()))
                .ifPresent(due -> advance(Duration.between(now(), due)));
          }
          return explanation.status().isTerminal();
        });
    return end(id);
  }

  // ---- looking ------------------------------------------------------------------------------

  List<HistoryEvent> history(String id) {
    return client().history(id);
  }

  /** The events of one kind in the history of an orchestration. */
  <E extends HistoryEvent> List<E> history(String id, Class<E> kind) {
    return history(id).stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Waits until what an orchestration waits for is described so. */
  void untilWaitingFor(String id, String what) {
    until(
        id + " waits for " + what,
        () ->
            client().explain(id).waits().stream()
                .anyMatch(wait -> wait.description().contains(what)));
  }

  /** Waits until an orchestration has got this status. */
  void untilStatus(String id, OrchestrationStatus status) {
    until(
        id + " is " + status,
        () -> client().status(id).map(OrchestrationMetadata::status).orElse(null) == status);
  }

  /** Asks the hub again and again until something is so. */
  void until(String what, BooleanSupplier condition) {
    eventually(what, condition);
  }

  /** Asks again and again until something is so. */
  static void eventually(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("Waited in vain until " + what);
      }
      Thread.yield();
    }
  }
}
