package com.example.functions;

import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.durabletask.Task;
import com.microsoft.durabletask.TaskOrchestrationContext;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import java.time.Duration;

/** Asks a human, who may take a day, say no, or never answer. */
public class Approval {
  /** What is asked. */
  public static class Request {
    public String subject;

    /** How long to wait for the answer. */
    public int seconds = 24 * 60 * 60;
  }

  /** How it went. */
  public static class Result {
    public String subject;

    /** approved, rejected or timed out. */
    public String outcome;

    /** What the job gave that was done after approval. */
    public String result;
  }

  @FunctionName("approval_orchestrator")
  public Result orchestrate(
      @DurableOrchestrationTrigger(name = "context") TaskOrchestrationContext context) {
    Request request = Input.read(context, Request.class);
    if (request.subject == null || request.seconds <= 0) {
      throw Input.bad(context, "there must be a subject, and seconds above 0");
    }
    Result result = new Result();
    result.subject = request.subject;

    Duration patience = Duration.ofSeconds(request.seconds);
    context.setCustomStatus(
        "Waits for the event Approval until " + context.getCurrentInstant().plus(patience));
    Task<Boolean> approval = context.waitForExternalEvent("Approval", Boolean.class);
    Task<Void> timeout = context.createTimer(patience);
    if (context.anyOf(approval, timeout).await() == timeout) {
      result.outcome = "timed out";
    } else if (approval.await()) {
      result.outcome = "approved";
      result.result =
          context.callSubOrchestrator("BlobJobOrchestrator", request.subject, String.class).await();
    } else {
      result.outcome = "rejected";
    }
    context.clearCustomStatus();
    return result;
  }
}
