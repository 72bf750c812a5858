package dev.perdure.functions.durable;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import com.microsoft.durabletask.azurefunctions.FailureAsJson;
import dev.perdure.api.EntityId;
import dev.perdure.api.Explanation;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.BindingTemplate;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.Value;
import dev.perdure.grpc.protocol.CompleteOrchestrationAction;
import dev.perdure.grpc.protocol.EntityBatchRequest;
import dev.perdure.grpc.protocol.EntityBatchResult;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OperationRequest;
import dev.perdure.grpc.protocol.OperationResult;
import dev.perdure.grpc.protocol.OperationResultSuccess;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.OrchestratorRequest;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import dev.perdure.grpc.protocol.ScheduleTaskAction;
import dev.perdure.grpc.worker.WorkerPool;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.testing.LivenessAudit;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the host and the durable library of an app tell each other. */
class AppWorkerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final AppWorker.Limits LIMITS = new AppWorker.Limits(10, 10, 10);

  private final MemoryStore store = new MemoryStore(1);
  private final EngineEnvironment environment = EngineEnvironment.system();
  private final WorkerPool pool =
      new WorkerPool(environment.clock(), EngineOptions.DEFAULTS.redeliveriesMax());
  private final Map<DurableFunction, FunctionRunner> functions = new HashMap<>();
  private @Nullable String defaultVersion;
  private Engine engine;
  private AppWorker worker;

  private void start() {
    engine =
        Engine.start(
            store,
            FunctionRegistry.builder()
                .orchestrator(
                    "callActivity",
                    Object.class,
                    (ctx, x) -> ctx.callActivity("work", x, Object.class).await())
                .orchestrator(
                    "callEntity",
                    ctx ->
                        ctx.callEntity(EntityId.of("counter", "k"), "add", 5, Integer.class).await()
                            + ctx.callEntity(EntityId.of("counter", "k"), "add", 2, Integer.class)
                                .await())
                .build(),
            new JacksonDataConverter(),
            EngineOptions.DEFAULTS,
            environment,
            pool);
    worker = new AppWorker(pool, functions, defaultVersion);
    worker.start(pool, LIMITS);
  }

  @AfterEach
  void close() {
    LivenessAudit.of(engine.client()).close();
    worker.close();
    engine.close();
    store.close();
  }

  private OrchestrationMetadata run(String orchestrator, Object input) {
    String id = engine.client().startNew(orchestrator, input);
    return engine.client().waitForCompletion(id, PATIENCE);
  }

  private void activity(FunctionRunner code) {
    functions.put(new DurableFunction(FunctionKind.ACTIVITY, "work"), code);
  }

  private static byte[] request(Value value) {
    assertThat(value).isInstanceOf(Value.Text.class);
    return Base64.getDecoder().decode(((Value.Text) value).text());
  }

  private static Outcome answer(byte[] message) {
    return new Outcome(encoded(message), null);
  }

  @Test
  void anActivityGetsAndGivesJson() {
    activity(
        invocation -> {
          assertThat(invocation.value()).isEqualTo(new Value.Json("\"Tokyo\"", true));
          return new Outcome(Map.of("city", "Tokyo"), null);
        });
    start();
    assertThat(run("callActivity", "Tokyo").serializedOutput().text())
        .isEqualTo("{\"city\":\"Tokyo\"}");
  }

  /** As in Azure Functions, where it is how a binding names an input that has no properties. */
  @Test
  void bindingsOfAnActivityKnowItsInputAsData() {
    BindingTemplate ofAll =
        BindingTemplate.of("cities/{data}", "work", Settings.of(Map.of()), environment.clock());
    BindingTemplate ofPart =
        BindingTemplate.of(
            "{instanceId}/{data.name}-{name}", "work", Settings.of(Map.of()), environment.clock());
    activity(
        invocation ->
            new Outcome(
                (invocation.value().equals(new Value.Json("\"Tokyo\"", true)) ? ofAll : ofPart)
                    .fill(invocation),
                null));
    start();

    OrchestrationMetadata part = run("callActivity", Map.of("name", "Kyoto"));

    assertThat(run("callActivity", "Tokyo").output(String.class)).isEqualTo("cities/Tokyo");
    assertThat(part.output(String.class)).isEqualTo(part.instanceId() + "/Kyoto-Kyoto");
  }

  @Test
  void anActivityThatFindsTooLittleMemoryHasFailed() {
    activity(
        invocation -> {
          throw new OutOfMemoryError("of the test");
        });
    start();
    OrchestrationMetadata failed = run("callActivity", "Tokyo");
    assertThat(failed.status()).isEqualTo(OrchestrationStatus.FAILED);
    assertThat(failed.failure().toString()).contains("OutOfMemoryError: of the test");
    assertThat(pool.underWay()).isZero();
  }

  /** Newer libraries do so where the app says more of its exceptions than Java does. */
  @Test
  void aFailureThatTheLibraryHasWrittenIntoTheMessageIsReadFromThere() {
    activity(
        invocation ->
            new Outcome(
                null,
                new FailureAsJson(
                    """
                    {"errorType":"com.example.OutOfStock","errorMessage":"no bicycles",\
                    "stackTrace":"\\tat com.example.Shop.order","isNonRetriable":false,\
                    "properties":{"code":"E123","left":[1,true,null]},\
                    "innerFailure":{"errorType":"java.io.IOException","errorMessage":"empty",\
                    "stackTrace":"","isNonRetriable":false}}""")));
    start();

    FailureDetails failure = run("callActivity", "Tokyo").failure().cause();

    assertThat(failure.errorType()).isEqualTo("com.example.OutOfStock");
    assertThat(failure.message()).isEqualTo("no bicycles");
    assertThat(failure.stackTrace()).isEqualTo("\tat com.example.Shop.order");
    assertThat(failure.properties())
        .isEqualTo(Payload.of("{\"code\":\"E123\",\"left\":[1.0,true,null]}"));
    assertThat(failure.cause().errorType()).isEqualTo("java.io.IOException");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"errorMessage\":\"without a type\"}",
        "{\"errorType\":\"X\",\"errorMessage\":\"m\",\"stackTrace\":[\"of\",\"others\"]}",
        "{\"errorType\":\"X\",\"requestId\":7}",
        "{\"errorType\":\"X\""
      })
  void anyOtherMessageIsAMessage(String message) {
    assertRecordedAsItIs(new FailureAsJson(message));
  }

  /** It may quote what somebody else has written. */
  @Test
  void theMessageOfAnExceptionOfTheAppIsAMessageWhateverItLooksLike() {
    assertRecordedAsItIs(
        new IllegalStateException(
            "{\"errorType\":\"X\",\"errorMessage\":\"m\",\"isNonRetriable\":true}"));
  }

  private void assertRecordedAsItIs(RuntimeException thrown) {
    activity(invocation -> new Outcome(null, thrown));
    start();

    FailureDetails failure = run("callActivity", "Tokyo").failure().cause();

    assertThat(failure.errorType()).isEqualTo(thrown.getClass().getName());
    assertThat(failure.message()).isEqualTo(thrown.getMessage());
  }

  @Test
  void whatIsInterruptedBecauseTheHostClosesHasNotFailed() throws InterruptedException {
    CountDownLatch running = new CountDownLatch(1);
    activity(
        invocation -> {
          running.countDown();
          try {
            Thread.sleep(PATIENCE);
            return new Outcome(null, null);
          } catch (InterruptedException e) {
            return new Outcome(null, e);
          }
        });
    start();
    String id = engine.client().startNew("callActivity", "Tokyo");
    running.await();
    worker.close();
    assertThat(pool.waiting()).as("others get it").isEqualTo(1);
    assertThat(engine.client().status(id).orElseThrow().status())
        .isEqualTo(OrchestrationStatus.RUNNING);
  }

  @Test
  void anActivityWithoutInputAndResult() {
    activity(
        invocation -> {
          assertThat(invocation.value()).isEqualTo(Value.NOTHING);
          return new Outcome(null, null);
        });
    start();
    OrchestrationMetadata ended = run("callActivity", null);
    assertThat(ended.status()).isEqualTo(OrchestrationStatus.COMPLETED);
    assertThat(ended.output(Object.class)).isNull();
  }

  /** As in Azure, where nobody notices that a name is written otherwise. */
  @Test
  void namesAreTheSameInUpperAndLowerCase() {
    functions.put(
        new DurableFunction(FunctionKind.ACTIVITY, "Work"),
        invocation -> new Outcome("done", null));
    start();
    assertThat(run("callActivity", "Tokyo").output(String.class)).isEqualTo("done");
  }

  /** What an app throws is its code, too, and may fail when it is looked at. */
  @Test
  void anActivityWhoseExceptionCannotBeReadHasFailed() {
    AtomicInteger runs = new AtomicInteger();
    activity(
        invocation -> {
          runs.incrementAndGet();
          return new Outcome(
              null,
              new IllegalStateException() {
                @Override
                public String getMessage() {
                  throw new UnsupportedOperationException();
                }
              });
        });
    start();
    assertThat(run("callActivity", "Tokyo").status()).isEqualTo(OrchestrationStatus.FAILED);
    assertThat(runs).hasValue(1);
  }

  @Test
  void theFailureOfAnActivityNamesItsException() {
    activity(
        invocation ->
            new Outcome(
                null, new IllegalStateException("broken", new java.io.IOException("disk"))));
    start();
    OrchestrationMetadata ended = run("callActivity", 1);
    assertThat(ended.status()).isEqualTo(OrchestrationStatus.FAILED);
    assertThat(String.valueOf(ended.failure())).contains("broken");
  }

  @Test
  void aResultThatIsNoJsonFailsTheActivity() {
    activity(invocation -> new Outcome(Double.NaN, null));
    start();
    assertThat(String.valueOf(run("callActivity", 1).failure()))
        .contains("cannot be written as JSON");
  }

  @Test
  void anOrchestratorIsPassedOnEncodedAndAnswersEncoded() {
    functions.put(
        new DurableFunction(FunctionKind.ORCHESTRATOR, "ofApp"),
        invocation -> {
          try {
            OrchestratorRequest request =
                OrchestratorRequest.parseFrom(request(invocation.value()));
            String input =
                request.getNewEventsList().stream()
                    .filter(HistoryEvent::hasExecutionStarted)
                    .map(event -> event.getExecutionStarted().getInput().getValue())
                    .findFirst()
                    .orElseThrow();
            return answer(completed(input));
          } catch (InvalidProtocolBufferException e) {
            return new Outcome(null, e);
          }
        });
    start();
    assertThat(run("ofApp", "echo").output(String.class)).isEqualTo("echo");
  }

  /**
   * Versions of the library that know versions give it to children that are started without one.
   */
  @Test
  void theLibraryIsToldTheDefaultVersionOfTheApp() throws Exception {
    defaultVersion = "1.0";
    assertThat(requestOfAStep().getPropertiesMap())
        .containsExactly(
            Map.entry(
                "defaultVersion",
                com.google.protobuf.Value.newBuilder().setStringValue("1.0").build()));
  }

  @Test
  void anAppWithoutADefaultVersionIsToldOfNone() throws Exception {
    assertThat(requestOfAStep().getPropertiesMap()).isEmpty();
  }

  private OrchestratorRequest requestOfAStep() throws InvalidProtocolBufferException {
    AtomicReference<byte[]> request = new AtomicReference<>();
    functions.put(
        new DurableFunction(FunctionKind.ORCHESTRATOR, "ofApp"),
        invocation -> {
          request.set(request(invocation.value()));
          return answer(completed("1"));
        });
    start();
    assertThat(run("ofApp", null).status()).isEqualTo(OrchestrationStatus.COMPLETED);
    return OrchestratorRequest.parseFrom(request.get());
  }

  @Test
  void whatTheLibraryLeftAnOrchestratorWithTellsWhereItWaits() {
    AtomicInteger steps = new AtomicInteger();
    functions.put(
        new DurableFunction(FunctionKind.ORCHESTRATOR, "ofApp"),
        invocation ->
            steps.incrementAndGet() == 1
                ? new Outcome(encoded(waiting()), null, leftForAWait())
                : answer(completed("1")));
    start();
    String id = engine.client().startNew("ofApp");
    engine.client().waitForStart(id, PATIENCE);

    Explanation waiting = engine.client().explain(id);
    assertThat(waiting.codeLocation())
        .startsWith("dev.perdure.functions.durable.AppWorkerTest.leftForAWait(AppWorkerTest.java:");
    assertThat(waiting.codeHint()).isNull();
    engine.client().raiseEvent(id, "any");
    engine.client().waitForCompletion(id, PATIENCE);
    assertThat(engine.client().explain(id).codeLocation()).isNull();
  }

  private static byte[] waiting() {
    return OrchestratorResponse.newBuilder().setInstanceId("waits").build().toByteArray();
  }

  private static Throwable leftForAWait() {
    return new IllegalStateException("The orchestrator is blocked.");
  }

  private static String encoded(byte[] message) {
    return Base64.getEncoder().encodeToString(message);
  }

  /** The library of an app passes the trace of an orchestration on with each call. */
  @Test
  void anActivityBelongsToTheTraceOfItsCall() {
    TraceContext trace =
        new TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a=1,b=2");
    AtomicInteger steps = new AtomicInteger();
    functions.put(
        new DurableFunction(FunctionKind.ORCHESTRATOR, "ofApp"),
        invocation -> answer(steps.incrementAndGet() == 1 ? calling(trace) : completed("1")));
    AtomicReference<TraceContext> seen = new AtomicReference<>();
    activity(
        invocation -> {
          seen.set(invocation.trace());
          return new Outcome(null, null);
        });
    start();
    assertThat(run("ofApp", null).status()).isEqualTo(OrchestrationStatus.COMPLETED);
    assertThat(seen).hasValue(trace);
  }

  private static byte[] calling(TraceContext trace) {
    return OrchestratorResponse.newBuilder()
        .addActions(
            OrchestratorAction.newBuilder()
                .setScheduleTask(
                    ScheduleTaskAction.newBuilder()
                        .setName("work")
                        .setParentTraceContext(
                            dev.perdure.grpc.protocol.TraceContext.newBuilder()
                                .setTraceParent(trace.traceParent())
                                .setTraceState(StringValue.of(trace.traceState())))))
        .build()
        .toByteArray();
  }

  private static byte[] completed(String json) {
    return OrchestratorResponse.newBuilder()
        .addActions(
            OrchestratorAction.newBuilder()
                .setId(1)
                .setCompleteOrchestration(
                    CompleteOrchestrationAction.newBuilder()
                        .setOrchestrationStatus(
                            dev.perdure.grpc.protocol.OrchestrationStatus
                                .ORCHESTRATION_STATUS_COMPLETED)
                        .setResult(StringValue.of(json))))
        .build()
        .toByteArray();
  }

  @Test
  void aStepThatCannotBeRunIsTriedAgainAndGoesOnOnceTheAppIsPutRight() {
    AtomicInteger attempts = new AtomicInteger();
    functions.put(
        new DurableFunction(FunctionKind.ORCHESTRATOR, "ofApp"),
        invocation ->
            attempts.incrementAndGet() == 1
                ? new Outcome(null, new NoClassDefFoundError("com/example/Missing"))
                : attempts.get() == 2 ? new Outcome(null, null) : answer(completed("1")));
    start();
    assertThat(run("ofApp", null).output(Integer.class)).isEqualTo(1);
    assertThat(attempts).hasValue(3);
  }

  @Test
  void theOperationsOfAnEntityArePassedOnInTheFormOfTheLibrary() {
    functions.put(
        new DurableFunction(FunctionKind.ENTITY, "counter"),
        invocation -> {
          try {
            return answer(add(EntityBatchRequest.parseFrom(request(invocation.value()))));
          } catch (InvalidProtocolBufferException e) {
            return new Outcome(null, e);
          }
        });
    start();
    assertThat(run("callEntity", null).output(Integer.class)).isEqualTo(5 + 7);
    assertThat(
            engine
                .client()
                .getEntity(EntityId.of("counter", "k"))
                .orElseThrow()
                .serializedState()
                .text())
        .isEqualTo("7");
  }

  private static byte[] add(EntityBatchRequest batch) {
    int value = batch.hasEntityState() ? Integer.parseInt(batch.getEntityState().getValue()) : 0;
    EntityBatchResult.Builder results = EntityBatchResult.newBuilder();
    for (OperationRequest operation : batch.getOperationsList()) {
      assertThat(operation.getOperation()).isEqualTo("add");
      assertThat(operation.getRequestId()).isNotEmpty();
      value += Integer.parseInt(operation.getInput().getValue());
      results.addResults(
          OperationResult.newBuilder()
              .setSuccess(
                  OperationResultSuccess.newBuilder()
                      .setResult(StringValue.of(Integer.toString(value)))));
    }
    return results.setEntityState(StringValue.of(Integer.toString(value))).build().toByteArray();
  }
}
