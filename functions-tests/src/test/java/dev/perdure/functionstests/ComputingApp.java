package dev.perdure.functionstests;

import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.annotation.BindingName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import java.nio.file.Files;
import java.nio.file.Path;

/** Functions of an app of its own; {@link ComputingFunctionsTest} stages it. */
public class ComputingApp {
  /** Answers at once. */
  public String hello(@HttpTrigger(name = "req") String body) {
    return "hello";
  }

  /** Computes, without a pause, until there is a file. */
  public String busy(
      @HttpTrigger(name = "req") String body,
      @BindingName("until") String until,
      ExecutionContext context) {
    context.getLogger().info("It computes.");
    Path enough = Path.of(until);
    long sum = 0;
    for (long i = 0; sum < 0 || !Files.exists(enough); i++) {
      for (int j = 0; j < 1_000_000; j++) {
        sum = (sum * 31 + i + j) & Long.MAX_VALUE;
      }
    }
    return "enough";
  }
}
