package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.StringValue;
import dev.perdure.api.AuditReport;
import dev.perdure.api.AuditReport.Finding;
import dev.perdure.api.EntityId;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.worker.Workers.Waiting;
import dev.perdure.grpc.protocol.ActivityFilter;
import dev.perdure.grpc.protocol.ActivityResponse;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.OrchestrationFilter;
import dev.perdure.grpc.protocol.WorkItemFilters;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What audits and explanations say of work that no worker takes. */
class WaitingWorkTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
  private static final EntityId COUNTER_ID = new EntityId("counter", "tea");
  private static final String COUNTER = COUNTER_ID.instanceId();

  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final MemoryStore store = new MemoryStore(2);
  private WorkerPool pool = pool(Duration.ofHours(1));

  private WorkerPool pool(Duration rest) {
    return new WorkerPool(
        now::get,
        3,
        PoolThreads.create(),
        new WorkerPool.Pace(Duration.ofSeconds(30), rest, Duration.ofHours(1)));
  }

  private Engine engine;

  private Engine open(FunctionRegistry functions, Duration auditInterval) {
    engine =
        Engine.start(
            store,
            functions,
            new JacksonDataConverter(),
            EngineOptions.DEFAULTS.withAuditInterval(auditInterval),
            environment(),
            pool);
    return engine;
  }

  private Engine open() {
    return open(FunctionRegistry.builder().build(), Duration.ZERO);
  }

  private EngineEnvironment environment() {
    return new EngineEnvironment(
        now::get,
        new Random(1),
        Thread.ofVirtual().factory(),
        Thread.ofVirtual().factory(),
        Thread.ofVirtual().factory());
  }

  @AfterEach
  void close() {
    engine.close();
    store.close();
  }

  private void signalCounter() {
    engine.requests().signalEntity(COUNTER_ID, "add", null, null);
  }

  private void pass(Duration time) {
    now.updateAndGet(at -> at.plus(time));
  }

  private void awaitWaiting(int pieces) {
    WorkerServer.await(() -> pool.waiting() == pieces);
  }

  /** A worker in this process that takes work and never answers. */
  private static final class Silent implements LocalWorker {
    private final BlockingQueue<Work> taken = new LinkedBlockingQueue<>();

    @Override
    public void take(Work work) {
      taken.add(work);
    }

    @Override
    public void ended() {}

    Work next() throws InterruptedException {
      return taken.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private static GetWorkItemsRequest only(WorkItemFilters.Builder filters) {
    return GetWorkItemsRequest.newBuilder()
        .setMaxConcurrentOrchestrationWorkItems(10)
        .setMaxConcurrentActivityWorkItems(10)
        .setWorkItemFilters(filters)
        .build();
  }

  private static GetWorkItemsRequest onlyOtherOrchestrations() {
    return only(
        WorkItemFilters.newBuilder()
            .addOrchestrations(OrchestrationFilter.newBuilder().setName("other")));
  }

  @Test
  void anAuditSaysThatNoWorkerIsThereForAnActivityThatHasWaitedForLong() {
    open(
        FunctionRegistry.builder()
            .orchestrator("order", ctx -> ctx.callActivity("pack", "tea", String.class).await())
            .build(),
        Duration.ZERO);
    String id = engine.client().startNew("order");
    engine.client().waitForStart(id, PATIENCE);
    awaitWaiting(1);

    assertThat(engine.client().audit().notes()).isEmpty();
    assertThat(engine.client().explain(id).toString())
        .contains("activity 'pack' (#0): no worker is connected");

    pass(Duration.ofMinutes(2));
    AuditReport report = engine.client().audit();

    assertThat(report.findings()).isEmpty();
    assertThat(report.notes())
        .containsExactly(
            new Finding(
                id,
                "waiting",
                "activity 'pack' (#0) still waits for its turn: no worker is connected",
                START));
  }

  @Test
  void anAuditSaysThatNoWorkerHasTheOrchestratorWhoseStepHasWaitedForLong() {
    open();
    engine.client().startNew("order", null, StartOptions.id("order-7"));
    awaitWaiting(1);
    assertThat(engine.client().audit().notes()).isEmpty();

    pass(Duration.ofMinutes(2));
    assertThat(engine.client().audit().notes())
        .containsExactly(
            new Finding(
                "order-7",
                "waiting",
                "its next step still waits for its turn: no worker is connected",
                START));

    pool.connect("other", onlyOtherOrchestrations(), new Silent());
    AuditReport report = engine.client().audit();
    assertThat(report.isClean()).isTrue();
    assertThat(report.notes())
        .extracting(Finding::description)
        .containsExactly(
            "its next step still waits for its turn: no connected worker has orchestrator 'order'");
  }

  @Test
  void anAuditSaysThatNoWorkerHasTheEntityWhoseOperationsHaveWaitedForLong() {
    open();
    pool.connect("other", onlyOtherOrchestrations(), new Silent());
    signalCounter();
    awaitWaiting(1);
    assertThat(engine.client().audit().notes()).isEmpty();

    pass(Duration.ofMinutes(2));
    AuditReport report = engine.client().audit();

    assertThat(report.isClean()).isTrue();
    assertThat(report.notes())
        .containsExactly(
            new Finding(
                COUNTER,
                "waiting",
                "its operations still wait for their turn: no connected worker has entity"
                    + " 'counter'",
                START));
  }

  @Test
  void aStepThatAWorkerHasIsNotNotedHoweverLongItTakes() throws Exception {
    open();
    Silent worker = new Silent();
    pool.connect("slow", GetWorkItemsRequest.getDefaultInstance(), worker);
    engine.client().startNew("order", null, StartOptions.id("order-7"));
    assertThat(worker.next().instanceId()).isEqualTo("order-7");

    pass(Duration.ofMinutes(2));

    assertThat(engine.client().audit().notes()).isEmpty();
    assertThat(pool.withoutWorker()).isZero();
  }

  @Test
  void workThatWorkersHadForLongIsNotTakenForWhatKillsThem() throws Exception {
    open();
    engine.client().startNew("order", null, StartOptions.id("order-7"));
    for (int deployment = 0; deployment < 7; deployment++) {
      Silent worker = new Silent();
      Runnable leave = pool.connect("silent", GetWorkItemsRequest.getDefaultInstance(), worker);
      assertThat(worker.next().instanceId()).isEqualTo("order-7");
      pass(Duration.ofMinutes(11));
      leave.run();
    }
    assertThat(engine.client().status("order-7").orElseThrow().problem()).isNull();
  }

  @Test
  void workThatIsGivenBackWaitsSinceThenAndKeepsThatTimeWhenItIsHandedOutAgain() throws Exception {
    open();
    engine.client().startNew("order", null, StartOptions.id("order-7"));
    awaitWaiting(1);
    Waiting first =
        new Waiting(FunctionKind.ORCHESTRATOR, "order-7", "order", "", START.toEpochMilli());
    assertThat(pool.waitingSince(START.toEpochMilli())).isEmpty();
    assertThat(pool.waitingSince(START.toEpochMilli() + 1)).containsExactly(first);

    pass(Duration.ofMinutes(2));
    Silent worker = new Silent();
    Runnable leave = pool.connect("silent", GetWorkItemsRequest.getDefaultInstance(), worker);
    LocalWorker.Work work = worker.next();
    assertThat(pool.waitingSince(Long.MAX_VALUE)).isEmpty();
    new Answers(pool).abandon(work.token()); // it rests for an hour of real time

    assertThat(pool.waitingSince(Long.MAX_VALUE)).containsExactly(first);
    assertThat(engine.client().audit().notes())
        .extracting(Finding::description)
        .containsExactly(
            "its next step still waits for its turn: the workers that run it are busy");
    assertThat(pool.withoutWorker()).isZero();
    leave.run();
    assertThat(pool.withoutWorker()).isEqualTo(1);
  }

  @Test
  void workWithoutAWorkerIsCountedForAlerts() {
    open();
    engine.client().startNew("order");
    engine.client().startNew("order");
    engine.client().startNew("bill");
    signalCounter();
    awaitWaiting(4);
    assertThat(pool.withoutWorker()).isEqualTo(4);

    Runnable leave =
        pool.connect(
            "orders",
            only(
                WorkItemFilters.newBuilder()
                    .addOrchestrations(OrchestrationFilter.newBuilder().setName("order"))
                    .addActivities(ActivityFilter.newBuilder().setName("pack"))),
            new Silent());

    assertThat(pool.withoutWorker()).isEqualTo(2);
    leave.run();
    assertThat(pool.withoutWorker()).isEqualTo(4);
  }

  @Test
  void aMissingWorkerWithManyInstancesGivesFewNotesThatCountThemAll() {
    open();
    for (int i = 0; i < 100; i++) {
      engine.client().startNew("order", null, StartOptions.id("order-%03d".formatted(i)));
    }
    for (int i = 0; i < 21; i++) {
      engine.client().startNew("bill", null, StartOptions.id("bill-%03d".formatted(i)));
    }
    signalCounter();
    awaitWaiting(122);
    pass(Duration.ofMinutes(2));

    List<Finding> notes = engine.client().audit().notes();

    assertThat(notes.stream().filter(note -> note.instanceId().startsWith("bill-")))
        .hasSize(21)
        .allMatch(note -> note.others() == 0);
    List<Finding> orders =
        notes.stream().filter(note -> note.instanceId().startsWith("order-")).toList();
    assertThat(orders).hasSize(21);
    assertThat(orders.stream().mapToLong(note -> 1 + note.others()).sum()).isEqualTo(100);
    assertThat(orders.getLast())
        .satisfies(
            rest -> {
              assertThat(rest.others()).isEqualTo(79);
              assertThat(rest.toString())
                  .isEqualTo(
                      rest.instanceId()
                          + " and 79 others: its next step still waits for its turn: no worker is"
                          + " connected, since 2030-01-01T00:00:00Z");
            });
    assertThat(notes)
        .filteredOn(note -> note.instanceId().equals(COUNTER))
        .extracting(Finding::kind, Finding::others)
        .containsExactly(tuple("waiting", 0L));
  }

  @Test
  void theBackgroundAuditCountsEachInstanceOnceUntilItsWorkHasHadItsTurn() throws Exception {
    open(FunctionRegistry.builder().build(), Duration.ofMillis(5));
    engine.client().startNew("order", null, StartOptions.id("order-7"));
    signalCounter();
    awaitWaiting(2);
    engine.client().audit(); // their rows are there
    assertThat(engine.auditNotes()).isZero();

    pass(Duration.ofMinutes(2));
    WorkerServer.await(() -> engine.auditNotes() == 2);
    addOneMoreThatWaitsForLong("first"); // so that samples have looked at the others again
    WorkerServer.await(() -> engine.auditNotes() >= 3);
    assertThat(engine.auditNotes()).isEqualTo(3);

    Silent worker = new Silent();
    Runnable leave =
        pool.connect(
            "orders",
            only(
                WorkItemFilters.newBuilder()
                    .addOrchestrations(OrchestrationFilter.newBuilder().setName("order"))),
            worker);
    assertThat(worker.next().instanceId()).isEqualTo("order-7");
    addOneMoreThatWaitsForLong("second");
    WorkerServer.await(() -> engine.auditNotes() == 4);
    leave.run();
    WorkerServer.await(() -> engine.auditNotes() == 5);
  }

  private void addOneMoreThatWaitsForLong(String id) {
    int before = pool.waiting();
    engine.client().startNew("bill", null, StartOptions.id(id));
    awaitWaiting(before + 1);
    engine.client().audit();
    pass(Duration.ofMinutes(2));
  }

  @Test
  void whatWaitsWaitsOnceHoweverOftenItsPartitionRecovers() {
    openThree();
    engine.client().startNew("three", null, StartOptions.id("a"));
    awaitWaiting(3);

    for (int i = 0; i < 3; i++) {
      store.failNextCommits(1, new IllegalStateException("the disk is full"));
      assertThatThrownBy(() -> engine.client().raiseEvent("a", "e", 1))
          .isInstanceOf(HubClosedException.class);
      WorkerServer.await(() -> isRaised("a")); // it has recovered
      assertThat(pool.waiting()).isEqualTo(3);
    }
    assertThat(pool.unfinishedActivities().waiting()).hasSize(3);
  }

  /** Else it would run twice at once, and take down as many workers again. */
  @Test
  void whatWorkersWentAwayWithWaitsOnceWhenItsPartitionRecovers() throws Exception {
    GetWorkItemsRequest threeActivities =
        GetWorkItemsRequest.newBuilder().setMaxConcurrentActivityWorkItems(3).build();
    pool.stop();
    pool = pool(Duration.ofMillis(5));
    openThree();
    engine.client().startNew("three", null, StartOptions.id("a"));
    awaitWaiting(3);
    for (int i = 0; i < 2; i++) {
      Silent worker = new Silent();
      Runnable leave = pool.connect("gone" + i, threeActivities, worker);
      for (int n = 0; n < 3; n++) {
        assertThat(worker.next()).isNotNull();
      }
      leave.run();
    }
    WorkerServer.await(() -> pool.unfinishedActivities().waiting().size() == 3); // rested

    store.failNextCommits(1, new IllegalStateException("the disk is full"));
    assertThatThrownBy(() -> engine.client().raiseEvent("a", "e", 1))
        .isInstanceOf(HubClosedException.class);
    WorkerServer.await(() -> isRaised("a"));

    assertThat(pool.waiting()).isEqualTo(3);
  }

  @Test
  void operationsOfAnEntityWaitOnceHoweverOftenItsPartitionRecovers() {
    open();
    signalCounter();
    awaitWaiting(1);

    for (int i = 0; i < 3; i++) {
      store.failNextCommits(1, new IllegalStateException("the disk is full"));
      assertThatThrownBy(this::signalCounter).isInstanceOf(HubClosedException.class);
      WorkerServer.await(
          () -> {
            pass(Duration.ofMillis(100));
            try {
              signalCounter();
              return true;
            } catch (HubClosedException e) {
              return false;
            }
          });
      awaitWaiting(1);
    }
    assertThat(engine.client().purgeEntity(COUNTER_ID)).isTrue();
    awaitWaiting(0);
  }

  @Test
  void activitiesOfATerminatedOrchestrationWaitNoMore() throws Exception {
    openThree();
    for (String id : List.of("a", "b")) {
      engine.client().startNew("three", null, StartOptions.id(id));
    }
    awaitWaiting(6);
    Silent worker = new Silent();
    Runnable leave = pool.connect("silent", takesOne(), worker);
    LocalWorker.Work given = worker.next();
    new Answers(pool).abandon(given.token()); // it rests
    leave.run();
    assertThat(pool.waiting()).isEqualTo(6);

    engine.client().terminate(given.instanceId(), null);

    assertThat(pool.waiting()).isEqualTo(3);
    assertThat(pool.withoutWorker()).isEqualTo(3);
    assertThat(pool.unfinishedActivities().waiting())
        .extracting(ActivityWork::instanceId)
        .hasSize(3)
        .doesNotContain(given.instanceId());
  }

  private static GetWorkItemsRequest takesOne() {
    return GetWorkItemsRequest.newBuilder().setMaxConcurrentActivityWorkItems(1).build();
  }

  @Test
  void whatAWorkerHasIsNotHandedOutAgainWhenItsPartitionRecovers() throws Exception {
    openThree();
    Silent worker = new Silent();
    pool.connect("slow", GetWorkItemsRequest.getDefaultInstance(), worker);
    engine.client().startNew("three", null, StartOptions.id("a"));
    List<LocalWorker.Work> taken = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      taken.add(worker.next());
    }
    new Answers(pool).abandon(taken.removeLast().token()); // it rests for an hour

    store.failNextCommits(1, new IllegalStateException("the disk is full"));
    assertThatThrownBy(() -> engine.client().raiseEvent("a", "e", 1))
        .isInstanceOf(HubClosedException.class);
    WorkerServer.await(() -> isRaised("a")); // it has recovered

    assertThat(pool.underWay()).isEqualTo(2);
    assertThat(pool.waiting()).isEqualTo(1);
    for (LocalWorker.Work work : taken) {
      new Answers(pool)
          .activity(
              ActivityResponse.newBuilder()
                  .setCompletionToken(work.token())
                  .setResult(StringValue.of("\"done\""))
                  .build());
    }
    WorkerServer.await(
        () ->
            engine.client().history("a").stream().filter(TaskCompleted.class::isInstance).count()
                == 2);
  }

  @Test
  void anActivityOfAnInstanceOfTheSameIdIsAnotherOne() throws Exception {
    openThree();
    Silent worker = new Silent();
    pool.connect("slow", GetWorkItemsRequest.getDefaultInstance(), worker);
    for (int i = 0; i < 2; i++) {
      engine.client().startNew("three", null, StartOptions.id("a"));
      for (int j = 0; j < 3; j++) {
        assertThat(worker.next()).isNotNull();
      }
      engine.client().terminate("a", null);
      engine.client().purge("a");
    }
  }

  /** With an orchestrator that calls three activities of workers and waits for all. */
  private void openThree() {
    open(
        FunctionRegistry.builder()
            .orchestrator(
                "three",
                ctx -> {
                  List<Task<String>> tasks = new ArrayList<>();
                  for (int i = 0; i < 3; i++) {
                    tasks.add(ctx.callActivity("remote", i, String.class));
                  }
                  return ctx.allOf(tasks).await().size();
                })
            .build(),
        Duration.ZERO);
  }

  private boolean isRaised(String id) {
    pass(Duration.ofMillis(100)); // a partition waits before it recovers
    try {
      engine.client().raiseEvent(id, "e", 1);
      return true;
    } catch (HubClosedException e) {
      return false;
    }
  }
}
