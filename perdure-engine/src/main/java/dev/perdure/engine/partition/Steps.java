package dev.perdure.engine.partition;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ContinuedAsNew;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.engine.orchestrator.StepResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Records what the code of an orchestration did in a step, and has it done. Used by the partition's
 * thread only.
 */
final class Steps {
  private final SessionConfig config;
  private final PartitionHost host;
  private final PartitionLog log;
  private final Mail mail;
  private final Orchestrations orchestrations;
  private final Sessions sessions;

  Steps(Common common, Orchestrations orchestrations) {
    this.config = common.config();
    this.host = common.host();
    this.log = common.log();
    this.mail = common.mail();
    this.orchestrations = orchestrations;
    this.sessions = orchestrations.sessions();
  }

  /** The code has gone as far as it can. */
  void ended(Command.StepEnded command) {
    CompletableFuture<@Nullable Void> recorded = command.result().recorded();
    try {
      recordStep(command);
    } catch (RuntimeException | Error e) {
      if (recorded != null) {
        recorded.completeExceptionally(e);
      }
      throw e;
    }
    if (recorded != null) {
      log.reply(recorded, null); // after what it waits for
    }
  }

  private void recordStep(Command.StepEnded command) {
    ResidentOrchestration r = command.instance();
    StepResult result = StepLimits.bounded(r.state, command.result(), config.instanceIdCharsMax());
    if (!r.inMemory || !command.session().equals(r.session)) {
      return; // closed meanwhile
    }
    sessions.ended(r);
    Instant now = config.now();
    List<HistoryEvent> events = result.actions();
    if (result.outcome() instanceof StepResult.Stuck(Problem problem)) {
      orchestrations.setAside(r, problem);
      return;
    }
    events.add(
        new OrchestratorCompleted(now, result.delivered(), result.waitingFor(), result.details()));
    List<Message> terminations = terminations(result);
    switch (result.outcome()) {
      case StepResult.Waiting w -> {
        List<Message> messages = StepMessages.messages(r, events, false);
        orchestrations.removeCanceledTimers(r, events);
        orchestrations.transition(r, events);
        performActions(r, events);
        messages.forEach(mail::send);
        orchestrations.tellWaiters(r);
        sessions.park(r);
      }
      case StepResult.Completed(Payload output) -> {
        events.add(new ExecutionCompleted(now, OrchestrationStatus.COMPLETED, output, null));
        orchestrations.end(r, events);
      }
      case StepResult.Failed(FailureDetails failure, Payload output) -> {
        events.add(new ExecutionCompleted(now, OrchestrationStatus.FAILED, output, failure));
        orchestrations.end(r, events);
      }
      case StepResult.Terminated(Payload output) -> {
        events.add(new ExecutionCompleted(now, OrchestrationStatus.TERMINATED, output, null));
        orchestrations.end(r, events);
      }
      case StepResult.ContinueAsNew next -> continueAsNew(r, events, next, now);
      case StepResult.Stuck s -> throw new IllegalStateException("handled above");
    }
    terminations.forEach(mail::send);
  }

  private static List<Message> terminations(StepResult result) {
    if (result.terminations().isEmpty()) {
      return List.of();
    }
    List<Message> messages = new ArrayList<>(result.terminations().size());
    for (StepResult.Termination t : result.terminations()) {
      messages.add(new Message.TerminateOther(t.instanceId(), t.output(), t.recursive()));
    }
    return messages;
  }

  private void continueAsNew(
      ResidentOrchestration r,
      List<HistoryEvent> events,
      StepResult.ContinueAsNew next,
      Instant now) {
    List<HistoryEvent> missed = r.pending == null ? List.of() : r.pending;
    orchestrations.startUnawaited(r, events);
    orchestrations.closeTimers(r);
    sessions.close(r);
    List<HistoryEvent> all = new ArrayList<>(events);
    all.add(new ContinuedAsNew(now, next.input()));
    all.add(
        new ExecutionStarted(
            now,
            r.state.name(),
            Objects.requireNonNullElse(next.version(), r.state.version()),
            host.newExecutionId(),
            next.input(),
            r.state.parent(),
            null,
            Objects.requireNonNullElse(next.tags(), r.state.tags()),
            r.state.traceContext()));
    all.addAll(next.unprocessed());
    // What it sends to itself comes before what came while it did, such as events that it was given
    // and has not taken.
    List<HistoryEvent> others = new ArrayList<>(events.size());
    for (HistoryEvent event : events) {
      if (event instanceof EventSent sent && sent.instanceId().equals(r.state.id())) {
        all.add(new EventRaised(now, sent.name(), sent.payload()));
      } else {
        others.add(event);
      }
    }
    all.addAll(next.notShown());
    for (HistoryEvent event : missed) {
      if (event instanceof EventRaised raised) {
        all.add(raised);
      }
    }
    r.pending = new ArrayList<>(2);
    List<Message> messages = StepMessages.messages(r, others, true);
    orchestrations.transition(r, all);
    messages.forEach(mail::send);
    orchestrations.tellWaiters(r); // whoever waits for it to begin
    sessions.stepIfNeeded(r);
  }

  private void performActions(ResidentOrchestration r, List<HistoryEvent> events) {
    for (int i = 0; i < events.size(); i++) {
      switch (events.get(i)) {
        case TaskScheduled e -> orchestrations.dispatch(r, e.taskId());
        case TimerCreated e -> orchestrations.setTimer(r, e.taskId());
        default -> {}
      }
    }
  }
}
