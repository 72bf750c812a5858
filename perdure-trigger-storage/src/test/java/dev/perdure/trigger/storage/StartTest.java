package dev.perdure.trigger.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.trigger.InputType;
import dev.perdure.functions.trigger.OutputType;
import dev.perdure.functions.trigger.TriggerType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts load these plug-ins whether an app uses storage or not. */
class StartTest {
  /** Loads the plug-ins as hosts do. */
  public static final class Loads {
    public static void main(String[] args) {
      for (Class<?> kind : List.of(TriggerType.class, InputType.class, OutputType.class)) {
        ServiceLoader.load(kind).forEach(plugin -> System.out.println(name(plugin)));
      }
    }

    private static String name(Object plugin) {
      return switch (plugin) {
        case TriggerType trigger -> "trigger " + trigger.type();
        case InputType input -> "in " + input.type();
        case OutputType output -> "out " + output.type();
        default -> "";
      };
    }
  }

  @Test
  void thePlugInsAreFoundAndNothingOfTheLibraryIsLoaded(@TempDir Path directory) throws Exception {
    Path classes = directory.resolve("classes.txt");
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:file=" + classes,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Loads.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(java.waitFor(30, TimeUnit.SECONDS)).isTrue();

    assertThat(output.lines())
        .contains(
            "trigger queueTrigger", "trigger blobTrigger", "in blob", "out queue", "out blob");
    List<String> loaded = Files.readAllLines(classes);
    assertThat(loaded)
        .anyMatch(line -> line.contains("dev.perdure.trigger.storage.BlobTriggerType"));
    assertThat(loaded)
        .noneMatch(line -> line.contains(" com.azure.") || line.contains(" reactor."));
  }
}
