package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.PerdureClient;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that fills disks: {@code length} has an activity measure a text, {@code wait} waits for
 * the event {@code go} and ends with it.
 */
final class Texts {
  /** A text, so long that a few of them fill small things. */
  static final String LONG = "x".repeat(20_000);

  private Texts() {}

  static Perdure.Builder hub(Path directory) {
    return Perdure.embedded(directory)
        .orchestrator(
            "length",
            String.class,
            (ctx, text) -> ctx.callActivity("length", text, Integer.class).await())
        .activity("length", String.class, String::length)
        .orchestrator("wait", ctx -> ctx.waitForExternalEvent("go", String.class).await());
  }

  /** Waits until those that measure {@link #LONG} have ended as they must. */
  static void assertMeasured(PerdureClient client, List<String> ids) {
    for (String id : ids) {
      assertThat(Hubs.output(client, id, Integer.class)).isEqualTo(LONG.length());
    }
  }
}
