package com.example.functions;

import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.durabletask.TaskOrchestrationContext;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;

/** The job that is done for every message of a device. */
public class BlobJob {
  @FunctionName("BlobJobOrchestrator")
  public String orchestrate(
      @DurableOrchestrationTrigger(name = "context") TaskOrchestrationContext context) {
    String message = context.getInput(String.class);
    return context.callActivity("BlobJobActivity1", message, String.class).await();
  }

  @FunctionName("BlobJobActivity1")
  public String work(
      @DurableActivityTrigger(name = "message") String message, ExecutionContext context) {
    context.getLogger().info("A message of " + message.length() + " characters");
    return "BlobJobActivity1: " + message;
  }
}
