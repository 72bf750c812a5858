package dev.perdure.functions.durable;

import com.google.protobuf.ByteString;
import com.google.protobuf.StringValue;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.TraceContext;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.functions.invoke.Results;
import dev.perdure.functions.invoke.Runner;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.Value;
import dev.perdure.grpc.history.WireValues;
import dev.perdure.grpc.protocol.ActivityFilter;
import dev.perdure.grpc.protocol.ActivityResponse;
import dev.perdure.grpc.protocol.EntityBatchRequest;
import dev.perdure.grpc.protocol.EntityBatchResult;
import dev.perdure.grpc.protocol.EntityFilter;
import dev.perdure.grpc.protocol.EntityRequest;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OperationRequest;
import dev.perdure.grpc.protocol.OrchestrationFilter;
import dev.perdure.grpc.protocol.OrchestratorRequest;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import dev.perdure.grpc.protocol.WorkItemFilters;
import dev.perdure.grpc.worker.Answers;
import dev.perdure.grpc.worker.LocalWorker;
import dev.perdure.grpc.worker.WorkRequest;
import dev.perdure.grpc.worker.WorkerPool;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs the durable functions of an app. Steps of orchestrations and operations of entities are
 * passed as the text that the app's own durable library reads and writes, so it may be of any
 * version; activities get and give JSON. Safe from any thread.
 *
 * <p>A step that the app cannot run at all - its code is broken, or takes too long - is given back
 * and tried again after a while, so that it goes on when the app has been put right.
 */
public final class AppWorker implements LocalWorker, AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.functions");

  /** What bindings of an activity call its input: {@code {data}}, {@code {data.city}}. */
  private static final String DATA = "data";

  /** What the names of classes of the durable library begin with. */
  private static final String LIBRARY = "com.microsoft.durabletask.";

  /** What libraries that know versions call the one of the app. */
  private static final String DEFAULT_VERSION = "defaultVersion";

  /** By kind and name, which is the same in upper and lower case, as in Azure. */
  private final Map<FunctionKind, Map<String, FunctionRunner>> functions =
      new EnumMap<>(FunctionKind.class);

  /** What every request for a step says besides the step, as fields of it. */
  private final ByteString hints;

  private final Answers answers;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(
          Thread.ofVirtual()
              .name("perdure-app-", 0)
              .inheritInheritableThreadLocals(false)
              .factory());
  private @Nullable Runnable disconnect;

  /** Whether what is still under way is interrupted, and answers come too late. */
  private volatile boolean interrupts;

  /**
   * How much of the app's durable functions runs at once.
   *
   * @param orchestrators steps of orchestrations
   * @param activities activities
   * @param entities entities
   */
  public record Limits(int orchestrators, int activities, int entities) {}

  /**
   * Prepares to run functions.
   *
   * @param functions what runs them
   * @param defaultVersion the version that the app's library gives to sub-orchestrations which it
   *     starts without one; null for none
   */
  public AppWorker(
      WorkerPool pool,
      Map<DurableFunction, FunctionRunner> functions,
      @Nullable String defaultVersion) {
    functions.forEach(
        (function, runner) ->
            this.functions
                .computeIfAbsent(
                    function.kind(), kind -> new TreeMap<>(String.CASE_INSENSITIVE_ORDER))
                .put(function.name(), runner));
    this.hints = hints(defaultVersion);
    this.answers = new Answers(pool);
  }

  private static ByteString hints(@Nullable String defaultVersion) {
    OrchestratorRequest.Builder hints = OrchestratorRequest.newBuilder();
    if (defaultVersion != null) {
      hints.putProperties(
          DEFAULT_VERSION,
          com.google.protobuf.Value.newBuilder().setStringValue(defaultVersion).build());
    }
    return hints.build().toByteString();
  }

  /** Takes work from now on. Called once. */
  public synchronized void start(WorkerPool pool, Limits limits) {
    if (functions.isEmpty()) {
      return;
    }
    WorkItemFilters.Builder filters = WorkItemFilters.newBuilder();
    functions.forEach(
        (kind, runners) -> {
          for (String name : runners.keySet()) {
            switch (kind) {
              case ORCHESTRATOR ->
                  filters.addOrchestrations(OrchestrationFilter.newBuilder().setName(name));
              case ACTIVITY -> filters.addActivities(ActivityFilter.newBuilder().setName(name));
              case ENTITY -> filters.addEntities(EntityFilter.newBuilder().setName(name));
            }
          }
        });
    disconnect =
        pool.connect(
            "app",
            GetWorkItemsRequest.newBuilder()
                .setMaxConcurrentOrchestrationWorkItems(limits.orchestrators())
                .setMaxConcurrentActivityWorkItems(limits.activities())
                .setMaxConcurrentEntityWorkItems(limits.entities())
                .setWorkItemFilters(filters)
                .build(),
            this);
  }

  @Override
  public void take(Work work) {
    try {
      threads.execute(() -> run(work));
    } catch (RejectedExecutionException closed) {
      // It stays on record and is run when the hub is opened again.
    }
  }

  @Override
  public void ended() {}

  private void run(Work work) {
    FunctionRunner function = functions.getOrDefault(work.kind(), Map.of()).get(work.name());
    orGiveBack(
        work,
        () -> {
          if (function == null) {
            throw new IllegalStateException("The app has no such function.");
          }
          Invocation invocation = invocation(work);
          try {
            function.runHere(
                invocation,
                () -> interrupts,
                outcome -> orGiveBack(work, () -> answer(work, outcome)));
          } catch (VirtualMachineError e) { // too little memory to begin, as to go on
            answer(work, new Outcome(null, e));
          }
        });
  }

  /** A part of what is done for work. */
  @FunctionalInterface
  private interface Part {
    void run() throws Exception;
  }

  private void orGiveBack(Work work, Part part) {
    try {
      part.run();
    } catch (InterruptedException e) {
      if (!threads.isShutdown()) { // if the host closes, the work stays on record
        giveBack(work, e);
      }
    } catch (Throwable e) { // whatever it is, the work must not stay in hand
      giveBack(work, e);
    }
  }

  private void giveBack(Work work, Throwable why) {
    LOG.log(
        System.Logger.Level.ERROR,
        "%s '%s' of the app could not be run for instance '%s'. It is tried again after a while. Put the app right, or terminate the instance."
            .formatted(
                switch (work.kind()) {
                  case ORCHESTRATOR -> "Orchestrator";
                  case ACTIVITY -> "Activity";
                  case ENTITY -> "Entity";
                },
                work.name(),
                work.instanceId()),
        why);
    answers.abandon(work.token());
  }

  private Invocation invocation(Work work) {
    return switch (work.request()) {
      case WorkRequest.Step step -> invocation(work, message(step.encoded().concat(hints)));
      case WorkRequest.Operations operations ->
          invocation(work, message(batch(operations.item().getEntityRequestV2()).toByteString()));
      case WorkRequest.Activity activity -> {
        String json = activity.work().input() == null ? "null" : activity.work().input().text();
        Value input = json.equals("null") ? Value.NOTHING : new Value.Json(json, true);
        yield invocation(work, input, Map.of(DATA, input), activity.work().call().traceContext());
      }
    };
  }

  private static Invocation invocation(Work work, Value value) {
    return invocation(work, value, Map.of(), null);
  }

  /**
   * What a function is run with.
   *
   * @param metadata what is known besides the instance's id
   */
  private static Invocation invocation(
      Work work, Value value, Map<String, Value> metadata, @Nullable TraceContext trace) {
    Value id = new Value.Text(work.instanceId());
    Map<String, Value> all = new HashMap<>(metadata);
    all.put(Runner.INSTANCE, id);
    all.put("instanceId", id);
    return new Invocation(value, all, "(null)", trace);
  }

  /** A message as the app's library reads it; see {@link #message(Outcome)} for its answer. */
  private static Value message(ByteString encoded) {
    return new Value.Text(Base64.getEncoder().encodeToString(encoded.toByteArray()));
  }

  /** Operations in the form in which the library for Azure Functions reads them. */
  private static EntityBatchRequest batch(EntityRequest request) {
    EntityBatchRequest.Builder batch =
        EntityBatchRequest.newBuilder().setInstanceId(request.getInstanceId());
    if (request.hasEntityState()) {
      batch.setEntityState(request.getEntityState());
    }
    for (HistoryEvent event : request.getOperationRequestsList()) {
      OperationRequest.Builder operation = OperationRequest.newBuilder();
      if (event.hasEntityOperationSignaled()) {
        var signal = event.getEntityOperationSignaled();
        operation.setOperation(signal.getOperation()).setRequestId(signal.getRequestId());
        if (signal.hasInput()) {
          operation.setInput(signal.getInput());
        }
      } else {
        var call = event.getEntityOperationCalled();
        operation.setOperation(call.getOperation()).setRequestId(call.getRequestId());
        if (call.hasInput()) {
          operation.setInput(call.getInput());
        }
      }
      batch.addOperations(operation);
    }
    return batch.build();
  }

  private void answer(Work work, Outcome outcome) throws Exception {
    var unused =
        switch (work.request()) {
          case WorkRequest.Step step ->
              answers.orchestrator(
                  OrchestratorResponse.newBuilder()
                      .mergeFrom(message(outcome))
                      .setInstanceId(work.instanceId())
                      .setCompletionToken(work.token())
                      .build(),
                  BlockedCode.of(outcome.handled()));
          case WorkRequest.Operations operations ->
              answers.entity(
                  EntityBatchResult.newBuilder()
                      .mergeFrom(message(outcome))
                      .setCompletionToken(work.token())
                      .build());
          case WorkRequest.Activity activity ->
              answers.activity(result(work, activity.work(), outcome));
        };
  }

  private static byte[] message(Outcome outcome) throws Exception {
    Throwable failure = outcome.failure();
    if (failure instanceof Exception e) {
      throw e;
    } else if (failure != null) {
      throw new IllegalStateException(failure);
    }
    if (!(outcome.value() instanceof String text) || text.isEmpty()) {
      throw new IllegalStateException(
          "The function gave no answer. Is the library durabletask-azure-functions in the app, with its middleware?");
    }
    return Base64.getDecoder().decode(text);
  }

  private static ActivityResponse result(Work work, ActivityWork asked, Outcome outcome) {
    ActivityResponse.Builder answer =
        ActivityResponse.newBuilder()
            .setInstanceId(work.instanceId())
            .setTaskId(asked.taskId())
            .setCompletionToken(work.token());
    Throwable failure = outcome.failure();
    if (failure == null) {
      try {
        String result = Results.json(outcome.value());
        if (result != null) {
          answer.setResult(StringValue.of(result));
        }
      } catch (RuntimeException | StackOverflowError e) {
        failure =
            new IllegalStateException(
                "What activity '%s' returned cannot be written as JSON: %s"
                    .formatted(work.name(), e),
                e);
      }
    }
    if (failure != null) {
      FailureDetails details = details(failure);
      LOG.log(
          System.Logger.Level.WARNING,
          "Activity ''{0}'' of instance ''{1}'' has failed: {2}",
          work.name(),
          work.instanceId(),
          forLog(details));
      answer.setFailureDetails(WireValues.failure(details));
    }
    return answer.build();
  }

  /** Newer libraries write what an app adds to its exceptions into the message of another one. */
  private static FailureDetails details(Throwable failure) {
    FailureDetails details = FailureDetails.of(failure);
    // Others may quote what came from elsewhere. The message itself, as that of the details may be
    // cut.
    return failure.getClass().getName().startsWith(LIBRARY)
        ? WireValues.failure(String.valueOf(failure.getMessage())).orElse(details)
        : details;
  }

  /**
   * What the app says may quote what it was given, which is not for the log; the host's own does
   * not.
   */
  private static String forLog(FailureDetails failure) {
    String type = failure.errorType();
    return type.startsWith("dev.perdure.") ? failure.message() : type;
  }

  /** Takes no more work, and waits a short time for what is under way. */
  @Override
  public synchronized void close() {
    threads.shutdown();
    try {
      var unused = threads.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runnable goodbye = disconnect;
    if (goodbye != null) {
      disconnect = null;
      goodbye.run(); // first: what comes of an interrupted run is no answer
    }
    interrupts = true;
    threads.shutdownNow();
  }
}
