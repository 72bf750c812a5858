package dev.perdure.simulation.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small run of what {@code ./dev torture} does at length. */
class TortureTest {
  @TempDir Path temporary;

  @Test
  void aHostThatIsKilledThreeTimesKeepsItsPromises() throws Exception {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(text, true, StandardCharsets.UTF_8);

    boolean well = Torture.run(3, 2030, temporary.resolve("data"), true, out);

    String said = text.toString(StandardCharsets.UTF_8);
    assertThat(well).as(said).isTrue();
    assertThat(said.lines().toList().getLast())
        .matches("3 kills, \\d+ orchestrations, 0 lost, 0 stuck, 0 ended twice");
  }
}
