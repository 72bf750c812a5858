package com.example.functions;

import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.annotation.Cardinality;
import com.microsoft.azure.functions.annotation.EventHubTrigger;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableClientInput;

/** Messages of devices, from the endpoint of an IoT Hub that speaks as an Event Hub does. */
public class IoTHub {
  @FunctionName("IoTHub_Trigger")
  public void receive(
      @EventHubTrigger(
              name = "message",
              eventHubName = "messages/events",
              connection = "IoTHubConnectionString",
              cardinality = Cardinality.ONE)
          String message,
      @DurableClientInput(name = "durableContext") DurableClientContext durableContext,
      ExecutionContext context) {
    String instanceId =
        durableContext.getClient().scheduleNewOrchestrationInstance("BlobJobOrchestrator", message);
    // What a device says is nobody else's business.
    context.getLogger().info("A message has come: started BlobJobOrchestrator as " + instanceId);
  }
}
