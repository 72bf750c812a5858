package com.example.functions;

import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.HttpStatus;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.BindingName;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableClientInput;
import java.util.Optional;
import java.util.Set;

/** Starts orchestrations over HTTP. */
public class HttpStart {
  /** Callers choose the name, so only these can be started. */
  private static final Set<String> STARTABLE =
      Set.of(
          "BlobJobOrchestrator",
          "ai_document_orchestrator",
          "approval_orchestrator",
          "monitor_orchestrator");

  @FunctionName("http_start")
  public HttpResponseMessage start(
      @HttpTrigger(
              name = "request",
              methods = {HttpMethod.POST},
              route = "orchestrators/{functionName}",
              authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Optional<String>> request,
      @BindingName("functionName") String functionName,
      @DurableClientInput(name = "durableContext") DurableClientContext durableContext,
      ExecutionContext context) {
    if (!STARTABLE.contains(functionName)) {
      return request
          .createResponseBuilder(HttpStatus.BAD_REQUEST)
          .body("Invalid function name")
          .build();
    }
    DurableTaskClient client = durableContext.getClient();
    String instanceId =
        client.scheduleNewOrchestrationInstance(functionName, request.getBody().orElse(""));
    context.getLogger().info("Started " + functionName + " as " + instanceId);
    return durableContext.createCheckStatusResponse(request, instanceId);
  }
}
