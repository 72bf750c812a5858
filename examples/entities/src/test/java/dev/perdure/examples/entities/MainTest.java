package dev.perdure.examples.entities;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class MainTest {
  @TempDir Path temporary;

  private final ByteArrayOutputStream told = new ByteArrayOutputStream();

  @Test
  void theCounterCounts() throws Exception {
    assertThat(run("counter")).isZero();
    assertThat(told()).contains("gets 8,000", "8,010", "refused: only 8,010 are there");
  }

  @Test
  void theCartIsOrderedOnce() throws Exception {
    assertThat(run("cart")).isZero();
    assertThat(told())
        .contains("@cart@ada holds 4 pieces for 80.70: [Darjeeling, teapot]")
        .contains("order-ada-1: paid", "@cart@ada holds 0 pieces")
        .contains("order-grace-1: not paid (39.60 declined)");
  }

  @Test
  void theBankGoesOnWithWhatIsInItsDirectory() throws Exception {
    String hub = temporary.resolve("hub").toString();
    assertThat(run("bank", "--data", hub, "--transfers", "30", "--concurrent", "5")).isZero();
    assertThat(run("bank", "--data", hub, "--transfers", "50", "--concurrent", "5")).isZero();
    assertThat(told())
        .contains("30 transfers, 5 at once", "50 transfers, 5 at once")
        .contains("No money was made or lost, and every transfer has ended.")
        .doesNotContain("not right");
  }

  @Test
  void devicesAreAddedUp() throws Exception {
    assertThat(run("devices", "--devices", "60")).isZero();
    assertThat(told()).contains("60 reports", "silent: d-0050", "to the last reading");
  }

  @Test
  void helpNamesAllExamples() throws Exception {
    assertThat(run("--help")).isZero();
    assertThat(told()).contains("counter", "cart", "bank", "devices", "Exit codes");
  }

  @ParameterizedTest
  @CsvSource({
    "'', Name an example",
    "teapot, There is no example 'teapot'",
    "counter --fast, '''--fast'' is not an option here'",
    "bank --kills, The option --kills needs a value",
    "bank --kills many, 'The option --kills is ''many''; use a number, 0 or more'",
    "devices --devices 0, 'The option --devices is ''0''; use a number, 1 or more'",
  })
  void wrongUsageIsSaid(String line, String said) throws Exception {
    assertThat(run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);
    assertThat(told()).contains(said, "--help");
  }

  private int run(String... arguments) throws Exception {
    PrintStream out = new PrintStream(told, true, StandardCharsets.UTF_8);
    return Main.run(new Console(out), List.of(arguments));
  }

  private String told() {
    return told.toString(StandardCharsets.UTF_8);
  }
}
