package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.util.List;

/** The field's usual yardstick: five activities, one after the other, that do next to nothing. */
final class Hello5 {
  private static final List<String> CITIES =
      List.of("Tokyo", "London", "Seattle", "Amsterdam", "Seoul");

  private static final String EXPECTED =
      "Hello, Tokyo Hello, London Hello, Seattle Hello, Amsterdam Hello, Seoul";

  private Hello5() {}

  static Perdure.Builder register(Perdure.Builder hub) {
    return hub.orchestrator("hello5", Hello5::hello5)
        .activity("sayHello", String.class, city -> "Hello, " + city);
  }

  private static String hello5(OrchestrationContext context) {
    StringBuilder greetings = new StringBuilder();
    for (String city : CITIES) {
      if (!greetings.isEmpty()) {
        greetings.append(' ');
      }
      greetings.append(context.callActivity("sayHello", city, String.class).await());
    }
    return greetings.toString();
  }

  /** Starts one, waits for its end and checks the output. */
  static void runOne(PerdureClient client) {
    runOne(client, "hello5");
  }

  /** The same for an orchestrator of another name. */
  static void runOne(PerdureClient client, String orchestrator) {
    String id = client.startNew(orchestrator);
    String output = Clients.await(client, id).output(String.class);
    WorkloadFailedException.unless(
        EXPECTED.equals(output), "Instance %s put out '%s', not '%s'.", id, output, EXPECTED);
  }
}
