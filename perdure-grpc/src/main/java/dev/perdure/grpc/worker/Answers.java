package dev.perdure.grpc.worker;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.Payload;
import dev.perdure.api.PerdureException;
import dev.perdure.engine.entity.EntityBatch;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.grpc.history.AnswerReader.InvalidAnswerException;
import dev.perdure.grpc.history.WireValues;
import dev.perdure.grpc.protocol.ActivityResponse;
import dev.perdure.grpc.protocol.EntityBatchResult;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import dev.perdure.grpc.worker.WorkerPool.Delivery;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes the answers of workers. One that comes too late, twice, or for work that was given to
 * another worker meanwhile, is taken without an error and has no effect: some SDKs leave their
 * stream for any error. One that cannot be fails with a {@code StatusRuntimeException}, one that
 * cannot be recorded with the reason; its work is handed out again. Methods do not block. Safe from
 * any thread.
 */
public final class Answers {
  private static final System.Logger LOG = System.getLogger("dev.perdure.worker");

  /** Characters kept of what is wrong with an answer: names and ids in it may be of any length. */
  private static final int REASON_CHARS_MAX = 1_000;

  private static final CompletableFuture<@Nullable Void> TAKEN =
      CompletableFuture.completedFuture(null);

  private final WorkerPool pool;
  private final @Nullable Object transport;

  /** Those to the work of a pool. */
  public Answers(WorkerPool pool) {
    this(pool, null);
  }

  /**
   * Those that come over a connection.
   *
   * @param transport the other end of the connection; null if not known
   */
  Answers(WorkerPool pool, @Nullable Object transport) {
    this.pool = pool;
    this.transport = transport;
  }

  /**
   * Takes the answer to a step of an orchestration.
   *
   * @return completed once what came of it is durable
   */
  public CompletableFuture<@Nullable Void> orchestrator(OrchestratorResponse answer) {
    return orchestrator(answer, () -> null);
  }

  /**
   * Takes the answer to a step of an orchestration from a worker that can tell where its code
   * waits.
   *
   * @param location gives the line of code that waits; null if that is not known. Asked by any
   *     thread, when somebody wants to know, until the next step
   * @return completed once what came of it is durable
   */
  public CompletableFuture<@Nullable Void> orchestrator(
      OrchestratorResponse answer, Supplier<@Nullable String> location) {
    Delivery delivery =
        pool.find(
            answer.getCompletionToken(),
            FunctionKind.ORCHESTRATOR,
            answer.getInstanceId(),
            0,
            transport);
    if (delivery == null || !(delivery.item() instanceof RemoteRun.Step step)) {
      return TAKEN;
    }
    if (answer.getRequiresHistory()) {
      pool.abandon(delivery); // every step is sent with its history; another worker may know better
      return TAKEN;
    }
    if (!step.addPart(delivery.number(), answer) || !pool.done(delivery)) {
      return TAKEN;
    }
    CompletableFuture<@Nullable Void> recorded = new CompletableFuture<>();
    try {
      step.answered(recorded, location);
    } catch (RuntimeException | Error e) {
      return refused(
          delivery, step.describe(), "instance '%s'".formatted(step.instanceId), "the step is", e);
    }
    return recorded;
  }

  /**
   * Refuses an answer, whose work is handed out again.
   *
   * @param described the work, for the log
   * @param of whose work it is, for the worker
   * @param again what is handed out again, and "is" or "are"
   */
  private CompletableFuture<@Nullable Void> refused(
      Delivery delivery, String described, String of, String again, Throwable why) {
    String reason = reason(why);
    LOG.log(
        System.Logger.Level.ERROR,
        "{0} gave an answer to {1} that cannot be: {2}. Nothing of it was taken; {3} handed out again.",
        delivery.holder(),
        described,
        reason,
        again);
    pool.answerRefused(delivery, reason);
    return CompletableFuture.failedFuture(
        Status.INVALID_ARGUMENT
            .withDescription(
                "The answer for %s cannot be: %s. Nothing of it was taken; %s handed out again."
                    .formatted(of, reason, again))
            .asRuntimeException());
  }

  /** What is wrong with an answer, without a full stop; what was not foreseen is named too. */
  private static String reason(Throwable e) {
    String message = e.getMessage();
    boolean foreseen =
        e instanceof InvalidAnswerException
            || e instanceof PerdureException
            || e instanceof IllegalArgumentException;
    String reason = foreseen && message != null ? message : e.toString();
    if (reason.length() > REASON_CHARS_MAX) {
      return reason.substring(0, REASON_CHARS_MAX) + "...";
    }
    return reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
  }

  /** What a worker is told when its answer to a step was not taken, or could not be recorded. */
  static StatusRuntimeException status(Throwable failure) {
    return failure instanceof StatusRuntimeException status
        ? status
        : Status.UNAVAILABLE
            .withDescription(
                "The step could not be recorded: %s. It is handed out again."
                    .formatted(failure.getMessage()))
            .asRuntimeException();
  }

  /** Takes the result of an activity. */
  public CompletableFuture<@Nullable Void> activity(ActivityResponse answer) {
    Delivery delivery =
        pool.find(
            answer.getCompletionToken(),
            FunctionKind.ACTIVITY,
            answer.getInstanceId(),
            answer.getTaskId(),
            transport);
    if (delivery == null || !(delivery.item() instanceof ActivityItem activity)) {
      return TAKEN;
    }
    // Read before it counts as done: for a large result there may be no memory just now.
    FailureDetails failure =
        answer.hasFailureDetails() ? WireValues.failure(answer.getFailureDetails()) : null;
    Payload result =
        answer.hasResult() && failure == null ? WireValues.payload(answer.getResult()) : null;
    if (pool.done(delivery)) {
      activity.ended(result, failure);
    }
    return TAKEN;
  }

  /** Takes the results of operations of an entity. */
  public CompletableFuture<@Nullable Void> entity(EntityBatchResult answer) {
    Delivery delivery = pool.find(answer.getCompletionToken());
    if (delivery == null || !(delivery.item() instanceof EntityItem entity)) {
      return TAKEN;
    }
    if (answer.hasFailureDetails() || answer.getRequiresState()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} could not run {1}: {2}. They are handed out again.",
          delivery.holder(),
          entity.describe(),
          answer.hasFailureDetails()
              ? answer.getFailureDetails().getErrorType()
              : "it had no state, which is always sent");
      pool.abandon(delivery);
      return TAKEN;
    }
    if (!pool.done(delivery)) {
      return TAKEN;
    }
    EntityBatch outcome;
    try {
      outcome = entity.outcome(answer, () -> UUID.randomUUID().toString().replace("-", ""));
    } catch (RuntimeException | Error e) {
      return refused(
          delivery,
          entity.describe(),
          "entity '%s'".formatted(entity.instanceId),
          "its operations are",
          e);
    }
    entity.ended(outcome);
    return TAKEN;
  }

  /**
   * Takes a piece of work back that a worker could not do; it is handed out again after a while.
   */
  public void abandon(String token) {
    Delivery delivery = pool.find(token);
    if (delivery != null) {
      pool.abandon(delivery);
    }
  }
}
