package com.example.functions;

import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableClientInput;
import java.time.Duration;
import java.util.Optional;

/** Does a job while the caller waits; one that takes long is answered with where to ask for it. */
public class HttpJob {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @FunctionName("http_job")
  public HttpResponseMessage run(
      @HttpTrigger(
              name = "request",
              methods = {HttpMethod.POST},
              route = "job",
              authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Optional<String>> request,
      @DurableClientInput(name = "durableContext") DurableClientContext durableContext) {
    DurableTaskClient client = durableContext.getClient();
    String instanceId =
        client.scheduleNewOrchestrationInstance(
            "BlobJobOrchestrator", request.getBody().orElse(""));
    return durableContext.waitForCompletionOrCreateCheckStatusResponse(
        request, instanceId, PATIENCE);
  }
}
