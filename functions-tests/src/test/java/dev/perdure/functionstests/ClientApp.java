package dev.perdure.functionstests;

import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.HttpStatus;
import com.microsoft.azure.functions.annotation.BindingName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import com.microsoft.durabletask.OrchestrationStatusQuery;
import com.microsoft.durabletask.PurgeInstanceCriteria;
import com.microsoft.durabletask.TaskOrchestrationContext;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableClientInput;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** Functions of an app of its own, which asks its client for everything; see ClientCallsTest. */
public class ClientApp {
  /** Ends with its input and what the event {@code go} brings. */
  public String orchestrate(
      @DurableOrchestrationTrigger(name = "context") TaskOrchestrationContext context) {
    context.setCustomStatus("waits");
    String event = context.waitForExternalEvent("go", String.class).await();
    return context.getInput(String.class) + " " + event;
  }

  /** Does what the caller names, and answers with what came of it. */
  public HttpResponseMessage call(
      @HttpTrigger(name = "req") HttpRequestMessage<Optional<String>> request,
      @BindingName("what") String what,
      @DurableClientInput(name = "durable") DurableClientContext durable)
      throws TimeoutException {
    DurableTaskClient client = durable.getClient();
    Map<String, String> query = request.getQueryParameters();
    String id = query.getOrDefault("id", "");
    String text = query.get("text");
    Object answer = "done";
    switch (what) {
      case "start":
        answer = client.scheduleNewOrchestrationInstance("Waits", text, id);
        break;
      case "check":
        return durable.createCheckStatusResponse(request, id);
      case "wait":
        Duration patience = Duration.parse(query.get("for"));
        return durable.waitForCompletionOrCreateCheckStatusResponse(request, id, patience);
      case "payload":
        answer = durable.createHttpManagementPayload(request, id);
        break;
      case "hub":
        answer = durable.getTaskHubName();
        break;
      case "begun":
        answer = text(client.waitForInstanceStart(id, Duration.ofSeconds(30), true));
        break;
      case "status":
        answer = text(client.getInstanceMetadata(id, true));
        break;
      case "raise":
        client.raiseEvent(id, "go", text);
        break;
      case "suspend":
        client.suspendInstance(id, text);
        break;
      case "resume":
        client.resumeInstance(id, text);
        break;
      case "terminate":
        client.terminate(id, text);
        break;
      case "restart":
        answer = client.restartInstance(id, Boolean.parseBoolean(text));
        break;
      case "list":
        answer =
            client
                .queryInstances(new OrchestrationStatusQuery().setInstanceIdPrefix(text))
                .getOrchestrationState()
                .stream()
                .map(each -> each.getInstanceId() + " " + each.getRuntimeStatus())
                .collect(Collectors.joining(", "));
        break;
      case "purge":
        answer = client.purgeInstance(id).getDeletedInstanceCount();
        break;
      case "purgeTerminated":
        answer =
            client
                .purgeInstances(
                    new PurgeInstanceCriteria()
                        .setCreatedTimeFrom(Instant.EPOCH) // which the library insists on
                        .setRuntimeStatusList(List.of(OrchestrationRuntimeStatus.TERMINATED)))
                .getDeletedInstanceCount();
        break;
      default:
        return request.createResponseBuilder(HttpStatus.BAD_REQUEST).body(what).build();
    }
    return request.createResponseBuilder(HttpStatus.OK).body(answer).build();
  }

  private static String text(OrchestrationMetadata instance) {
    return instance.isInstanceFound()
        ? "%s %s in=%s out=%s custom=%s"
            .formatted(
                instance.getName(),
                instance.getRuntimeStatus(),
                instance.getSerializedInput(),
                instance.getSerializedOutput(),
                instance.readCustomStatusAs(String.class))
        : "none";
  }
}
