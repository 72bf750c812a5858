package dev.perdure.bench.app;

import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.Cardinality;
import com.microsoft.azure.functions.annotation.EventHubTrigger;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.azure.functions.sql.annotation.SQLTrigger;
import com.microsoft.durabletask.TaskOrchestrationContext;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableClientInput;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Functions that do next to nothing. */
public class AppFunctions {
  private static final List<String> CITIES =
      List.of("Tokyo", "London", "Seattle", "Amsterdam", "Seoul");

  /** Answers with a text. */
  @FunctionName("Hello")
  public String hello(
      @HttpTrigger(
              name = "request",
              methods = {HttpMethod.GET},
              authLevel = AuthorizationLevel.ANONYMOUS)
          HttpRequestMessage<Optional<String>> request) {
    return "Hello";
  }

  /** Ends at once. */
  @FunctionName("Empty")
  public String empty(
      @DurableOrchestrationTrigger(name = "context") TaskOrchestrationContext context) {
    return "done";
  }

  /** Calls five activities, one after the other. */
  @FunctionName("Hello5")
  public String hello5(
      @DurableOrchestrationTrigger(name = "context") TaskOrchestrationContext context) {
    StringBuilder greetings = new StringBuilder();
    for (String city : CITIES) {
      if (!greetings.isEmpty()) {
        greetings.append(' ');
      }
      greetings.append(context.callActivity("SayHello", city, String.class).await());
    }
    return greetings.toString();
  }

  /** Greets a city. */
  @FunctionName("SayHello")
  public String sayHello(@DurableActivityTrigger(name = "city") String city) {
    return "Hello, " + city;
  }

  /** Starts a job for each message of a device. */
  @FunctionName("IoTHub_Trigger")
  public void receive(
      @EventHubTrigger(
              name = "message",
              eventHubName = "messages/events",
              connection = "IoTHub",
              cardinality = Cardinality.ONE)
          String message,
      @DurableClientInput(name = "durableContext") DurableClientContext durable) {
    durable.getClient().scheduleNewOrchestrationInstance("BlobJobOrchestrator", message);
  }

  /** Calls one activity. */
  @FunctionName("BlobJobOrchestrator")
  public String blobJob(
      @DurableOrchestrationTrigger(name = "context") TaskOrchestrationContext context) {
    String result =
        context
            .callActivity("BlobJobActivity1", context.getInput(String.class), String.class)
            .await();
    watcher("perdure.bench.jobs").accept(1);
    return result;
  }

  /** Answers. */
  @FunctionName("BlobJobActivity1")
  public String blobJobActivity(@DurableActivityTrigger(name = "message") String message) {
    return "BlobJobActivity1: " + message;
  }

  /** Tells whoever measures of each row that was inserted. */
  @FunctionName("RowTrigger")
  public void changed(
      @SQLTrigger(name = "changes", tableName = "readings", connectionStringSetting = "Sql")
          RowChange[] changes) {
    LongConsumer watcher = watcher("perdure.bench.rows");
    for (RowChange change : changes) {
      if (change.Operation == 0) {
        watcher.accept(change.Item.sent);
      }
    }
  }

  /** Who measures, in the same JVM, but beyond the class loader of the app. */
  private static LongConsumer watcher(String name) {
    return (LongConsumer) Objects.requireNonNull(System.getProperties().get(name));
  }

  /** A change of a row. */
  public static class RowChange {
    /** 0 for an insertion. */
    public int Operation;

    /** The row. */
    public Row Item = new Row();
  }

  /** A row. */
  public static class Row {
    /** When it was inserted, by the clock of whoever did. */
    public long sent;
  }
}
