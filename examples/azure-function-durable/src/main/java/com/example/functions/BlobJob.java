package com.example.functions;

import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.annotation.BlobOutput;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.durabletask.TaskOrchestrationContext;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;

/** The job that is done for every message of a device. */
public class BlobJob {
  /**
   * Whether results are stored, which takes a storage account. A setting stays the same for as long
   * as the host runs, so replays see what the first run saw; one that changes between two starts of
   * the host concerns the last step only, which an instance has either called by then or not.
   */
  private static final boolean STORES = Boolean.parseBoolean(System.getenv("STORE_RESULTS"));

  @FunctionName("BlobJobOrchestrator")
  public String orchestrate(
      @DurableOrchestrationTrigger(name = "context") TaskOrchestrationContext context) {
    String message = context.getInput(String.class);
    String result = context.callActivity("BlobJobActivity1", message, String.class).await();
    if (STORES) {
      context.callActivity("StoreResult", result).await();
    }
    return result;
  }

  @FunctionName("BlobJobActivity1")
  public String work(
      @DurableActivityTrigger(name = "message") String message, ExecutionContext context) {
    context.getLogger().info("A message of " + message.length() + " characters");
    return "BlobJobActivity1: " + message;
  }

  /** Stores what came out as a blob, under the id of the job: one that is run again writes it again. */
  @FunctionName("StoreResult")
  @BlobOutput(
      name = "$return",
      path = "job-results/{instanceId}.txt",
      connection = "AzureWebJobsStorage")
  public String store(@DurableActivityTrigger(name = "result") String result) {
    return result;
  }
}
