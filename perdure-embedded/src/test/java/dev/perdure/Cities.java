package dev.perdure;

import dev.perdure.api.Activity;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;

/** The functions that the documentation begins with. */
final class Cities {
  @Orchestrator
  String helloCities(OrchestrationContext ctx) {
    String a = ctx.callActivity("sayHello", "Tokyo", String.class).await();
    String b = ctx.call(Cities::sayHello, "London").await(); // typed: no strings, no class tokens
    return a + ", " + b;
  }

  @Activity
  String sayHello(String city) {
    return "Hello, " + city;
  }
}
