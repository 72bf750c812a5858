package com.example.functions;

import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.OutputBinding;
import com.microsoft.azure.functions.annotation.BlobOutput;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.durabletask.TaskOrchestrationContext;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;

/** The job that is done for every message of a device. */
public class BlobJob {
  /** Whether results are stored, which takes a storage account. */
  private static final boolean STORES = Boolean.parseBoolean(System.getenv("STORE_RESULTS"));

  @FunctionName("BlobJobOrchestrator")
  public String orchestrate(
      @DurableOrchestrationTrigger(name = "context") TaskOrchestrationContext context) {
    String message = context.getInput(String.class);
    return context.callActivity("BlobJobActivity1", message, String.class).await();
  }

  /**
   * Does the work, and stores what came out as a blob. The blob has the id of the job, so that work
   * which is done again after a crash writes it again, and not another one.
   */
  @FunctionName("BlobJobActivity1")
  public String work(
      @DurableActivityTrigger(name = "message") String message,
      @BlobOutput(
              name = "stored",
              path = "job-results/{instanceId}.txt",
              connection = "AzureWebJobsStorage")
          OutputBinding<String> stored,
      ExecutionContext context) {
    context.getLogger().info("A message of " + message.length() + " characters");
    String result = "BlobJobActivity1: " + message;
    if (STORES) {
      stored.setValue(result);
    }
    return result;
  }
}
