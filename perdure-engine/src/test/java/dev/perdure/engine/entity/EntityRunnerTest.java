package dev.perdure.engine.entity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.DataConversionException;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityLambda;
import dev.perdure.api.EntityOperationNotFoundException;
import dev.perdure.api.EntityOperations;
import dev.perdure.api.EntityUpdate;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.Payload;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.api.Problem;
import dev.perdure.api.StartOptions;
import dev.perdure.engine.entity.EntityBatch.Action;
import dev.perdure.engine.entity.EntityBatch.Completed;
import dev.perdure.engine.entity.EntityBatch.Result;
import dev.perdure.engine.entity.EntityBatch.Stuck;
import dev.perdure.engine.entity.EntityEvent.StateChange;
import dev.perdure.engine.entity.EntityRequest.Operation;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What comes of a batch of operations. They run on the thread of the test unless it says else. */
@Timeout(60)
class EntityRunnerTest {
  private static final JacksonDataConverter JSON = new JacksonDataConverter();
  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00.123456789Z");
  private static final int LIMIT = 400_000;
  private static final OperationLimits LIMITS = new OperationLimits(LIMIT, 100, "v1", true);

  /** Threads that run in the thread that starts them. */
  private static final ThreadFactory DIRECT =
      task ->
          new Thread() {
            @Override
            public void start() {
              task.run();
            }
          };

  private final List<EntityBatch> outcomes = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger ids = new AtomicInteger();
  private volatile Instant now = NOW;

  // ---- entities ---------------------------------------------------------------------------------

  @Entity
  static class Counter {
    int value;

    int add(int n) {
      value += n;
      return value;
    }

    int get() {
      return value;
    }

    void addAndFail(EntityContext ctx, int n) {
      value += n;
      ctx.signalEntity(EntityId.of("counter", "never"), "add", n);
      ctx.startNew("o");
      throw new IllegalStateException("after " + n);
    }

    void addAndTell(EntityContext ctx, int n) {
      value += n;
      ctx.signalEntity(EntityId.of("counter", "other"), "add", n);
    }
  }

  record Account(int balance) {
    Account() {
      this(0);
    }

    Account deposit(int n) {
      return new Account(balance + n);
    }

    EntityUpdate<Account, Boolean> withdraw(int n) {
      return n > balance
          ? EntityUpdate.of(this, false)
          : EntityUpdate.of(new Account(balance - n), true);
    }

    Account close() {
      return null;
    }

    int get() {
      return balance;
    }
  }

  private static final EntityOperations<Integer> SUM =
      EntityOperations.of(Integer.class, () -> 0)
          .operation("add", Integer.class, (sum, n) -> sum + n)
          .operation("drop", sum -> null)
          .update("swap", Integer.class, (ctx, sum, n) -> EntityUpdate.of(n, sum))
          .query("get", sum -> sum);

  private static final FunctionRegistry FUNCTIONS =
      FunctionRegistry.builder()
          .entity(Counter.class)
          .entity("account", Account.class)
          .entity("sum", SUM)
          .orchestrator("o", ctx -> null)
          .orchestrator("o", "v1", ctx -> null)
          .build();

  private static FunctionRegistry lambda(EntityLambda code) {
    return FunctionRegistry.builder()
        .entity("thing", code)
        .entity(Counter.class)
        .orchestrator("o", "v1", ctx -> null)
        .build();
  }

  // ---- running ----------------------------------------------------------------------------------

  private static Operation call(String name, Object input) {
    return new Operation(
        0, name, input == null ? null : JSON.toPayload(input), new TaskAddress("i", "e", 1));
  }

  private static Operation call(String name) {
    return call(name, null);
  }

  private static Operation signal(String name, Object input) {
    return new Operation(0, name, input == null ? null : JSON.toPayload(input), null);
  }

  private EntityRunner runner(FunctionRegistry functions, ThreadFactory threads) {
    return new EntityRunner(
        functions,
        JSON,
        LIMITS,
        () -> now,
        System::nanoTime,
        () -> "id" + ids.incrementAndGet(),
        threads,
        (batch, outcome) -> outcomes.add(outcome));
  }

  private static EntityWork work(String entity, String state, Operation... operations) {
    return new EntityWork(
        3,
        EntityId.of(entity, "a"),
        state == null ? null : Payload.of(state),
        List.of(operations),
        NOW);
  }

  private EntityBatch run(
      FunctionRegistry functions, String entity, String state, Operation... operations) {
    outcomes.clear();
    runner(functions, DIRECT).start(work(entity, state, operations));
    assertThat(outcomes).as("a batch ends once").hasSize(1);
    return outcomes.getFirst();
  }

  private Completed ran(
      FunctionRegistry functions, String entity, String state, Operation... operations) {
    return (Completed) run(functions, entity, state, operations);
  }

  private Completed ran(String entity, String state, Operation... operations) {
    return ran(FUNCTIONS, entity, state, operations);
  }

  /** Results as texts, failures as the simple names of their classes. */
  private static List<String> results(Completed outcome) {
    return outcome.results().stream().map(EntityRunnerTest::told).toList();
  }

  private static String told(Result result) {
    if (result.failure() != null) {
      assertThat(result.result()).isNull();
      String type = result.failure().errorType();
      return type.substring(type.lastIndexOf('.') + 1);
    }
    return result.result() == null ? "nothing" : result.result().text();
  }

  private static StateChange replaced(String state) {
    return new StateChange.Replaced(Payload.of(state));
  }

  private static final StateChange UNCHANGED = new StateChange.Unchanged();
  private static final StateChange DELETED = new StateChange.Deleted();

  // ---- state ------------------------------------------------------------------------------------

  @Test
  void eachOperationFindsWhatTheOneBeforeItHasLeft() {
    Completed outcome =
        ran("counter", "{\"value\":3}", call("add", 4), call("add", 5), call("get"));
    assertThat(results(outcome)).containsExactly("7", "12", "12");
    assertThat(outcome.change()).isEqualTo(replaced("{\"value\":12}"));
    assertThat(outcome.actions()).isEmpty();
  }

  @Test
  void whatAnOperationThatThrowsHasDoneDoesNotCountAndTheOthersDo() {
    Completed outcome =
        ran(
            "counter",
            null,
            call("addAndTell", 1),
            call("addAndFail", 1_000),
            call("addAndTell", 2),
            call("addAndFail", 1_000));
    assertThat(results(outcome))
        .containsExactly("nothing", "IllegalStateException", "nothing", "IllegalStateException");
    assertThat(outcome.results().get(1).failure().message()).isEqualTo("after 1000");
    assertThat(outcome.change()).isEqualTo(replaced("{\"value\":3}"));
    assertThat(outcome.actions())
        .containsExactly(
            new Action.Signal("@counter@other", "add", Payload.of("1"), null),
            new Action.Signal("@counter@other", "add", Payload.of("2"), null));
  }

  @Test
  void ifAllOperationsThrowNothingHasChanged() {
    Completed outcome =
        ran("counter", "{\"value\":3}", call("addAndFail", 1), call("addAndFail", 2));
    assertThat(outcome.change()).isEqualTo(UNCHANGED);
    assertThat(outcome.actions()).isEmpty();
  }

  @Test
  void aStateThatIsInTheEndWhatItWasHasNotChanged() {
    assertThat(ran("counter", "{\"value\":3}", call("add", 1), call("add", -1)).change())
        .isEqualTo(UNCHANGED);
  }

  /** To look at an entity that is not there does not bring it into being. */
  @Test
  void readsCreateNothing() {
    for (String entity : List.of("counter", "account", "sum")) {
      Completed outcome = ran(entity, null, call("get"), call("get"));
      assertThat(results(outcome)).containsExactly("0", "0");
      assertThat(outcome.change()).as(entity).isEqualTo(UNCHANGED);
    }
  }

  @Test
  void aStateThatIsThereStaysEvenIfItIsWhatOneBeginsWith() {
    Completed outcome = ran("counter", null, call("add", 5), call("add", -5));
    assertThat(outcome.change()).isEqualTo(replaced("{\"value\":0}"));
    assertThat(ran("counter", "{\"value\":5}", call("add", -5)).change())
        .isEqualTo(replaced("{\"value\":0}"));
  }

  @Test
  void deleteRemovesTheStateAndTheNextOperationBeginsAnew() {
    assertThat(ran("counter", "{\"value\":3}", call("delete")).change()).isEqualTo(DELETED);
    assertThat(ran("counter", null, call("delete")).change()).isEqualTo(UNCHANGED);
    Completed outcome = ran("counter", "{\"value\":3}", call("Delete"), call("add", 1));
    assertThat(results(outcome)).containsExactly("nothing", "1");
    assertThat(outcome.change()).isEqualTo(replaced("{\"value\":1}"));
  }

  @Test
  void anOperationOfValuesReturnsTheNextState() {
    Completed outcome =
        ran(
            "account",
            null,
            call("deposit", 10),
            call("withdraw", 4),
            call("withdraw", 40),
            call("get"));
    assertThat(results(outcome)).containsExactly("{\"balance\":10}", "true", "false", "6");
    assertThat(outcome.change()).isEqualTo(replaced("{\"balance\":6}"));
    assertThat(ran("account", "{\"balance\":6}", call("close")).change()).isEqualTo(DELETED);
  }

  @Test
  void operationsThatAreFunctionsGiveTheNextStateAndAResult() {
    Completed outcome = ran("sum", "2", call("add", 3), call("swap", 9), call("get"));
    assertThat(results(outcome)).containsExactly("5", "5", "9");
    assertThat(outcome.change()).isEqualTo(replaced("9"));
    assertThat(ran("sum", "2", call("drop")).change()).isEqualTo(DELETED);
  }

  @Test
  void oneFunctionForAllOperationsDoesAsItLikes() {
    FunctionRegistry functions =
        lambda(
            ctx -> {
              if (ctx.operation().equals("set")) {
                ctx.setState(ctx.input(String.class));
                return null;
              }
              return ctx.hasState() ? ctx.state(String.class) : "none";
            });
    Completed outcome = ran(functions, "thing", null, call("get"), call("set", "x"), call("get"));
    assertThat(results(outcome)).containsExactly("\"none\"", "nothing", "\"x\"");
    assertThat(outcome.change()).isEqualTo(replaced("\"x\""));
  }

  @Test
  void anOperationThatDoesNotExistFailsAndNamesThoseThatDo() {
    Completed outcome = ran("counter", "{\"value\":3}", call("ad", 1), call("add", 1));
    assertThat(results(outcome))
        .containsExactly(EntityOperationNotFoundException.class.getSimpleName(), "4");
    assertThat(outcome.results().getFirst().failure().message()).contains("'add'");
  }

  // ---- what does not fit ------------------------------------------------------------------------

  @Test
  void anInputThatDoesNotFitFailsTheOperationAlone() {
    Completed outcome =
        ran("counter", null, call("add", "many"), call("add", null), call("add", 1));
    assertThat(results(outcome))
        .containsExactly("DataConversionException", "DataConversionException", "1");
    assertThat(outcome.results().getFirst().failure().isCausedBy(DataConversionException.class))
        .isTrue();
    assertThat(outcome.change()).isEqualTo(replaced("{\"value\":1}"));
  }

  @Test
  void aResultThatIsTooLargeFailsTheOperationWhichThenHasChangedNothing() {
    FunctionRegistry functions =
        lambda(
            ctx -> {
              ctx.setState(ctx.operation());
              ctx.startNew("o");
              return "x".repeat(ctx.input(Integer.class));
            });
    Completed outcome =
        ran(functions, "thing", null, call("small", 10), call("large", LIMIT), call("fits", 0));
    assertThat(results(outcome))
        .containsExactly("\"xxxxxxxxxx\"", "PayloadTooLargeException", "\"\"");
    assertThat(outcome.results().get(1).failure().message())
        .contains("'@thing@a'", "'large'", "limits.payloadBytesMax", "has changed nothing");
    assertThat(outcome.change()).isEqualTo(replaced("\"fits\""));
    assertThat(outcome.actions()).hasSize(2);
    Completed last = ran(functions, "thing", null, call("small", 1), call("large", LIMIT));
    assertThat(last.change()).isEqualTo(replaced("\"small\""));
  }

  @Test
  void aStateThatIsTooLargeFailsTheOperation() {
    FunctionRegistry functions =
        lambda(
            ctx -> {
              ctx.setState("x".repeat(ctx.input(Integer.class)));
              return null;
            });
    Completed outcome = ran(functions, "thing", "\"s\"", signal("a", LIMIT), signal("b", 2));
    assertThat(results(outcome))
        .containsExactly(PayloadTooLargeException.class.getSimpleName(), "nothing");
    assertThat(outcome.change()).isEqualTo(replaced("\"xx\""));
    assertThat(ran(functions, "thing", "\"s\"", signal("a", LIMIT)).change()).isEqualTo(UNCHANGED);
  }

  @Test
  void anInputForOthersThatIsTooLargeFailsTheOperation() {
    FunctionRegistry functions =
        lambda(
            ctx -> {
              String large = "x".repeat(LIMIT);
              if (ctx.operation().equals("start")) {
                ctx.startNew("o", large);
              } else {
                ctx.signalEntity(EntityId.of("counter", "b"), "add", large);
              }
              return null;
            });
    Completed outcome =
        ran(functions, "thing", null, signal("start", null), signal("signal", null));
    assertThat(results(outcome))
        .containsExactly("PayloadTooLargeException", "PayloadTooLargeException");
    assertThat(outcome.actions()).isEmpty();
  }

  /** Nobody waits for it, so that it need not even be something that can be written. */
  @Test
  void theResultOfASignalIsNotWritten() {
    FunctionRegistry functions =
        lambda(
            ctx -> {
              ctx.setState(1);
              return ctx.operation().equals("large") ? "x".repeat(LIMIT) : new Thread();
            });
    Completed outcome =
        ran(functions, "thing", null, signal("large", null), signal("odd", null), call("odd"));
    assertThat(results(outcome))
        .containsExactly("nothing", "nothing", DataConversionException.class.getSimpleName());
  }

  // ---- a state that cannot be read --------------------------------------------------------------

  @Test
  void aStateThatCannotBeReadStopsTheEntityBeforeAnythingIsLost() {
    EntityBatch outcome = run(FUNCTIONS, "counter", "[1]", call("add", 1), call("add", 2));
    assertThat(outcome).isInstanceOf(Stuck.class);
    Problem problem = ((Stuck) outcome).problem();
    assertThat(problem.kind()).isEqualTo(Problem.Kind.UNREADABLE);
    assertThat(problem.message())
        .contains("'@counter@a'", Counter.class.getName(), "Nothing is lost", "requeue");
  }

  @Test
  void aStateThatReadsAsNothingCannotBeRead() {
    assertThat(run(FUNCTIONS, "counter", "null", call("add", 1))).isInstanceOf(Stuck.class);
  }

  /** Whether the state is read, this function decides by the operation. */
  private static final EntityLambda READS_SOMETIMES =
      ctx -> {
        switch (ctx.operation()) {
          case "read" -> ctx.state(Counter.class);
          case "wrap" -> {
            try {
              ctx.state(Counter.class);
            } catch (DataConversionException e) {
              throw new UncheckedIOException(new IOException(e));
            }
          }
          case "replace" -> ctx.setState("new");
          case "cope", "copeAndFail" -> {
            try {
              ctx.state(Counter.class);
            } catch (DataConversionException e) {
              ctx.setState("coped");
              ctx.startNew("o");
            }
            if (ctx.operation().equals("copeAndFail")) {
              throw new IllegalArgumentException("for another reason");
            }
          }
          case "replaceAndRead" -> {
            ctx.setState("new");
            ctx.state(Counter.class);
          }
          default -> {}
        }
        return null;
      };

  @Test
  void whatRanBeforeTheStateCouldNotBeReadCounts() {
    Completed outcome =
        ran(
            lambda(READS_SOMETIMES),
            "thing",
            "\"old\"",
            call("nothing"),
            call("replace"),
            call("read"),
            call("replace"));
    assertThat(results(outcome)).as("the others come later").containsExactly("nothing", "nothing");
    assertThat(outcome.change()).isEqualTo(replaced("\"new\""));
    assertThat(run(lambda(READS_SOMETIMES), "thing", "\"new\"", call("read")))
        .isInstanceOf(Stuck.class);
  }

  @Test
  void whyTheStateCouldNotBeReadMayBeTheCauseOfWhatIsThrown() {
    assertThat(run(lambda(READS_SOMETIMES), "thing", "\"old\"", call("wrap")))
        .isInstanceOf(Stuck.class);
  }

  /** Such as one that reads the state as it was in an older version of the program. */
  @Test
  void anOperationThatCopesWithAStateThatItCannotReadCountsOnceLikeAnyOther() {
    Completed outcome =
        ran(lambda(READS_SOMETIMES), "thing", "\"old\"", call("cope"), call("nothing"));
    assertThat(results(outcome)).containsExactly("nothing", "nothing");
    assertThat(outcome.change()).isEqualTo(replaced("\"coped\""));
    assertThat(outcome.actions()).hasSize(1);

    Completed later =
        ran(lambda(READS_SOMETIMES), "thing", "\"old\"", call("nothing"), call("cope"));
    assertThat(later.results()).hasSameSizeAs(List.of("nothing", "cope"));
    assertThat(later.change()).isEqualTo(replaced("\"coped\""));
    assertThat(later.actions()).hasSize(1);
  }

  @Test
  void anOperationThatCopesAndFailsForAnotherReasonHasFailed() {
    Completed outcome =
        ran(lambda(READS_SOMETIMES), "thing", "\"old\"", call("copeAndFail"), call("nothing"));
    assertThat(results(outcome)).containsExactly("IllegalArgumentException", "nothing");
    assertThat(outcome.change()).isEqualTo(UNCHANGED);
    assertThat(outcome.actions()).isEmpty();
  }

  @Test
  void aStateThatTheOperationItselfHasWrittenWrongIsItsOwnFailure() {
    Completed outcome = ran(lambda(READS_SOMETIMES), "thing", "\"old\"", call("replaceAndRead"));
    assertThat(results(outcome)).containsExactly("DataConversionException");
    assertThat(outcome.change()).isEqualTo(UNCHANGED);
  }

  // ---- an entity that is not registered ---------------------------------------------------------

  @Test
  void whatHasStateWaitsUntilItsCodeIsBack() {
    EntityBatch outcome = run(FUNCTIONS, "kounter", "{}", call("add", 1));
    assertThat(outcome).isInstanceOf(Stuck.class);
    Problem problem = ((Stuck) outcome).problem();
    assertThat(problem.kind()).isEqualTo(Problem.Kind.FUNCTION_NOT_FOUND);
    assertThat(problem.message()).contains("'@kounter@a'", "counter");
  }

  @Test
  void whoCallsAnEntityThatNeverWasIsTold() {
    Completed outcome = ran("kounter", null, call("add", 1), signal("add", 1), call("get"));
    assertThat(outcome.results()).hasSize(3);
    for (Result result : outcome.results()) {
      FailureDetails failure = result.failure();
      assertThat(failure.errorType()).isEqualTo(FunctionNotFoundException.class.getName());
      assertThat(failure.nonRetriable()).isTrue();
    }
    assertThat(outcome.change()).isEqualTo(UNCHANGED);
  }

  // ---- what an operation sees and asks for ------------------------------------------------------

  @Test
  void anOperationKnowsWhoItIsWhatItIsCalledAndWhen() {
    List<Object> seen = new ArrayList<>();
    FunctionRegistry functions =
        lambda(
            ctx -> {
              now = now.plusMillis(7);
              seen.addAll(
                  Arrays.asList(
                      ctx.id(),
                      ctx.operation(),
                      ctx.isSignal(),
                      ctx.currentInstant(),
                      ctx.input(String.class),
                      ctx.hasState()));
              return null;
            });
    ran(functions, "thing", null, call("Ask", "x"), signal("tell", null));
    Instant time = Instant.parse("2030-01-01T00:00:00.123Z");
    EntityId id = EntityId.of("thing", "a");
    assertThat(seen)
        .containsExactly(id, "Ask", false, time, "x", false, id, "tell", true, time, null, false);
  }

  @Test
  void anOperationSendsSignalsAndStartsOrchestrations() {
    Instant later = NOW.plusSeconds(60).truncatedTo(ChronoUnit.MILLIS);
    FunctionRegistry functions =
        lambda(
            ctx -> {
              ctx.signalEntity(EntityId.of("Counter", "B"), "add", 5, later);
              ctx.signalEntity(ctx.id(), "again");
              return ctx.startNew("o", 7)
                  + ctx.startNew(
                      "o",
                      null,
                      StartOptions.DEFAULT
                          .withInstanceId("mine")
                          .withTags(Map.of("k", "v"))
                          .withScheduledStart(later));
            });
    Completed outcome = ran(functions, "thing", null, call("go"));
    assertThat(results(outcome)).containsExactly("\"id1mine\"");
    assertThat(outcome.actions())
        .containsExactly(
            new Action.Signal("@counter@B", "add", Payload.of("5"), later),
            new Action.Signal("@thing@a", "again", null, null),
            new Action.Start("id1", "o", "v1", Payload.of("7"), Map.of(), null, null),
            new Action.Start("mine", "o", "v1", null, Map.of("k", "v"), later, null));
  }

  @Test
  void whatCannotBeDoneFailsTheOperationAtOnce() {
    FunctionRegistry functions =
        lambda(
            ctx -> {
              switch (ctx.operation()) {
                case "entity" -> ctx.signalEntity(EntityId.of("conter", "b"), "add");
                case "orchestrator" -> ctx.startNew("oo");
                case "operation" -> ctx.signalEntity(EntityId.of("counter", "b"), " ");
                case "id" ->
                    ctx.startNew("o", null, StartOptions.DEFAULT.withInstanceId("x".repeat(200)));
                default -> ctx.setState(String.class);
              }
              return null;
            });
    Completed outcome =
        ran(
            functions,
            "thing",
            null,
            call("entity"),
            call("orchestrator"),
            call("operation"),
            call("id"),
            call("class"));
    assertThat(results(outcome))
        .containsExactly(
            "FunctionNotFoundException",
            "FunctionNotFoundException",
            "IllegalArgumentException",
            "InvalidInstanceIdException",
            "IllegalArgumentException");
    assertThat(outcome.actions()).isEmpty();
    assertThat(outcome.change()).isEqualTo(UNCHANGED);
  }

  @Test
  void aContextIsOfNoUseOnceItsOperationHasEnded() {
    AtomicReference<EntityContext> kept = new AtomicReference<>();
    FunctionRegistry functions =
        lambda(
            ctx -> {
              kept.set(ctx);
              if (ctx.operation().equals("fail")) {
                throw new IllegalStateException();
              }
              return null;
            });
    for (String operation : List.of("end", "fail")) {
      ran(functions, "thing", null, call(operation));
      EntityContext ctx = kept.get();
      assertThatThrownBy(() -> ctx.setState(1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("setState was called after the operation of entity '@thing@a'");
      assertThatThrownBy(ctx::deleteState).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(ctx::hasState).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> ctx.state(String.class)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> ctx.input(String.class)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(ctx::operation).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(ctx::isSignal).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(ctx::currentInstant).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> ctx.startNew("o")).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> ctx.signalEntity(ctx.id(), "x"))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aContextIsOfNoUseOnAnotherThread() {
    FunctionRegistry functions =
        lambda(
            ctx -> {
              FutureTask<Void> other =
                  new FutureTask<>(
                      () -> {
                        ctx.setState(1);
                        return null;
                      });
              Thread.ofVirtual().start(other);
              other.get();
              return null;
            });
    Completed outcome = ran(functions, "thing", null, call("go"));
    assertThat(outcome.results().getFirst().failure().isCausedBy(IllegalStateException.class))
        .isTrue();
    assertThat(outcome.change()).isEqualTo(UNCHANGED);
  }

  /** What came over it from outside, or what code has done to its thread. */
  @Test
  void anInterruptionDoesNotLeakIntoTheNextOperation() {
    List<Boolean> interrupted = new ArrayList<>();
    FunctionRegistry functions =
        lambda(
            ctx -> {
              interrupted.add(Thread.currentThread().isInterrupted());
              Thread.currentThread().interrupt();
              if (ctx.operation().equals("fail")) {
                throw new IllegalStateException();
              }
              return null;
            });
    ran(functions, "thing", null, call("a"), call("fail"), call("b"));
    assertThat(interrupted).containsExactly(false, false, false);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void errorsOfTheVirtualMachineFailTheOperationToo() {
    FunctionRegistry functions =
        lambda(
            ctx -> {
              ctx.setState(1);
              throw new StackOverflowError();
            });
    Completed outcome = ran(functions, "thing", null, call("a"), call("b"));
    assertThat(results(outcome)).containsExactly("StackOverflowError", "StackOverflowError");
    assertThat(outcome.change()).isEqualTo(UNCHANGED);
  }

  // ---- a batch ends early -----------------------------------------------------------------------

  private static Operation[] many(int count, Operation operation) {
    return Collections.nCopies(count, operation).toArray(Operation[]::new);
  }

  @Test
  void aBatchEndsWhenItHasPutOutAMegabyteOfResults() {
    FunctionRegistry functions = lambda(ctx -> "x".repeat(300_000));
    Completed outcome = ran(functions, "thing", null, many(10, call("get")));
    assertThat(outcome.results()).hasSize(4);
  }

  @Test
  void aBatchEndsWhenItHasPutOutAMegabyteForOthers() {
    FunctionRegistry functions =
        lambda(
            ctx -> {
              ctx.startNew("o", "x".repeat(300_000));
              return null;
            });
    Completed outcome = ran(functions, "thing", null, many(10, signal("go", null)));
    assertThat(outcome.results()).hasSize(4);
    assertThat(outcome.actions()).hasSize(4);
  }

  /** Each of them becomes an answer, with its stack trace. */
  @Test
  void aBatchEndsWhenItHasPutOutAMegabyteOfFailures() {
    FunctionRegistry functions =
        lambda(
            ctx -> {
              throw new IllegalStateException(
                  "x".repeat(8_000), new IOException("y".repeat(8_000)));
            });
    Completed outcome = ran(functions, "thing", null, many(1_000, call("go")));
    assertThat(outcome.results()).hasSizeBetween(20, 70);
  }

  @Test
  void aBatchEndsWhenItHasRunForLong() {
    FunctionRegistry functions =
        lambda(
            ctx -> {
              now = now.plusMillis(40);
              return null;
            });
    Completed outcome = ran(functions, "thing", null, many(10, call("get")));
    assertThat(outcome.results()).as("40, 80, 120").hasSize(3);
    assertThat(ran(functions, "thing", null, call("get")).results()).hasSize(1);
  }

  @Test
  void aBatchOfQuickOperationsRunsToItsEnd() {
    assertThat(ran("counter", null, many(1_000, call("add", 1))).change())
        .isEqualTo(replaced("{\"value\":1000}"));
  }

  // ---- threads ----------------------------------------------------------------------------------

  @Test
  void aBatchTellsWhatItRuns() {
    AtomicReference<RunningBatch> batch = new AtomicReference<>();
    List<Object> seen = new ArrayList<>();
    FunctionRegistry functions =
        lambda(
            ctx -> {
              seen.add(batch.get().currentOperation());
              seen.add(batch.get().isQueued());
              return null;
            });
    AtomicReference<Runnable> task = new AtomicReference<>();
    EntityRunner runner =
        runner(
            functions,
            run -> {
              task.set(run);
              return new Thread();
            });
    batch.set(runner.start(work("thing", null, call("a"), call("b"))));
    assertThat(batch.get().isQueued()).isTrue();
    task.get().run();
    assertThat(seen).containsExactly("a", false, "b", false);
  }

  /** Operations that wait until they are let go, and say when they have begun. */
  private static final class Gate {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch open = new CountDownLatch(1);
    final AtomicInteger operations = new AtomicInteger();

    final FunctionRegistry functions =
        lambda(
            ctx -> {
              operations.incrementAndGet();
              begun.countDown();
              open.await();
              ctx.setState("done");
              return null;
            });
  }

  private static void until(Thread thread, Thread.State state) {
    while (thread.getState() != state) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aStopWaitsForWhatRuns() throws Exception {
    Gate gate = new Gate();
    EntityRunner runner = runner(gate.functions, Thread.ofPlatform().factory());
    runner.start(work("thing", null, call("a"), call("b")));
    gate.begun.await();
    FutureTask<Integer> stop = new FutureTask<>(() -> runner.stop(Duration.ofMinutes(1)));
    Thread stopping = Thread.ofPlatform().start(stop);
    until(stopping, Thread.State.TIMED_WAITING);
    gate.open.countDown();
    assertThat(stop.get()).isZero();
    assertThat(outcomes).hasSize(1);
    assertThat(((Completed) outcomes.getFirst()).results()).hasSize(2);
  }

  @Test
  void afterAStopNothingBegins() {
    EntityRunner runner = runner(FUNCTIONS, DIRECT);
    assertThat(runner.stop(Duration.ZERO)).isZero();
    RunningBatch batch = runner.start(work("counter", null, call("add", 1)));
    assertThat(batch.isQueued()).isTrue();
    assertThat(outcomes).isEmpty();
  }

  @Test
  void whatCannotHaveAThreadIsNotWaitedFor() {
    EntityRunner runner =
        runner(
            FUNCTIONS,
            task -> {
              throw new OutOfMemoryError("unable to create native thread");
            });
    assertThatThrownBy(() -> runner.start(work("counter", null, call("add", 1))))
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(runner.unfinished()).isZero();
    assertThat(runner.stop(Duration.ZERO)).isZero();
    assertThat(outcomes).isEmpty();
  }

  /** It runs again when the hub is opened: that it was interrupted must not be what came of it. */
  @Test
  void whatDoesNotEndInTimeIsInterruptedAndWhatComesOfItDoesNotCount() throws Exception {
    Gate gate = new Gate();
    AtomicReference<Thread> thread = new AtomicReference<>();
    EntityRunner runner =
        runner(
            gate.functions,
            task -> {
              thread.set(Thread.ofPlatform().unstarted(task));
              return thread.get();
            });
    runner.start(work("thing", null, call("a"), call("b"), call("c")));
    gate.begun.await();
    assertThat(runner.stop(Duration.ofMillis(1))).isEqualTo(1);
    thread.get().join();
    assertThat(outcomes).isEmpty();
    assertThat(gate.operations).as("the others do not begin").hasValue(1);
  }

  @Test
  void whoeverIsInterruptedWhileItStopsWaitsNoLonger() throws Exception {
    Gate gate = new Gate();
    EntityRunner runner = runner(gate.functions, Thread.ofPlatform().factory());
    runner.start(work("thing", null, call("a")));
    gate.begun.await();
    Thread.currentThread().interrupt();
    assertThat(runner.stop(Duration.ofMinutes(1))).isEqualTo(1);
    assertThat(Thread.interrupted()).as("and the interruption is not forgotten").isTrue();
  }
}
