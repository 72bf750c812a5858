package dev.perdure.trigger.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.Direction;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.Value;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** A process that is killed while its function runs, against a storage emulator. */
class KilledHostTest {
  private static final Duration HELD = Duration.ofSeconds(2);

  /** A host with a function that does not end. */
  public static final class Host {
    public static void main(String[] arguments) throws InterruptedException {
      CountDownLatch forever = new CountDownLatch(1);
      trigger(
              arguments[0],
              arguments[1],
              invocation -> {
                System.out.println("begun");
                forever.await();
                return new Outcome(null, null);
              })
          .start();
      forever.await();
    }
  }

  private static Trigger trigger(String connection, String queue, FunctionRunner runner) {
    Binding binding =
        new Binding(
            "queueTrigger", Direction.IN, "m", Map.of("queueName", queue, "connection", "Account"));
    return new QueueTriggerType(options -> options.withHeld(HELD), Duration.ZERO)
        .create(
            new FunctionDefinition("F", "none", "none", List.of(binding), null),
            runner,
            new TriggerEnvironment(
                Settings.of(
                    Map.of("Account", connection, "AZURE_FUNCTIONS_ENVIRONMENT", "Development")),
                HostSettings.DEFAULTS,
                InstantSource.system(),
                null));
  }

  @Test
  void aMessageIsKeptFromOthersForAsLongAsItsHostLivesAndThenComesAgain() throws Exception {
    Azurite azurite = Azurite.running();
    String name = Azurite.unique("orders");
    String text = "{\"id\": \"a <message> & ☃\"}";
    azurite.queue(name).send(MessageEncoding.BASE64.encode(text.getBytes(StandardCharsets.UTF_8)));
    Process host =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Host.class.getName(),
                azurite.connectionString(),
                name)
            .redirectErrorStream(true)
            .start();
    try (BufferedReader said =
        new BufferedReader(new InputStreamReader(host.getInputStream(), StandardCharsets.UTF_8))) {
      String line = said.readLine();
      while (line != null && !line.equals("begun")) {
        line = said.readLine();
      }
      assertThat(line).isEqualTo("begun");
      BlockingQueue<List<String>> seen = new LinkedBlockingQueue<>();
      Trigger other =
          trigger(
              azurite.connectionString(),
              name,
              invocation -> {
                seen.add(
                    List.of(
                        ((Value.Text) invocation.value()).text(),
                        ((Value.Json) invocation.metadata().get("DequeueCount")).json()));
                return new Outcome(null, null);
              });
      try {
        other.start();
        // Twice as long as it would be hidden if it was not renewed.
        assertThat(seen.poll(2 * HELD.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS))
            .as("what others see while its host lives")
            .isNull();

        host.destroyForcibly();

        assertThat(Await.next(seen)).containsExactly(text, "2");
        Await.until("it is deleted", () -> azurite.count(name) == 0);
      } finally {
        other.close();
      }
    } finally {
      host.destroyForcibly();
    }
  }
}
