package dev.perdure.bench.app;

import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.durabletask.TaskOrchestrationContext;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import java.util.List;
import java.util.Optional;

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
}
