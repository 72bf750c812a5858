package dev.perdure.examples.entities.bank;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.examples.entities.Console;
import dev.perdure.examples.entities.bank.BankExample.Findings;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bank's process is killed with SIGKILL again and again while 200 transfers are under way, at
 * moments that come from a seed. Then the money is counted.
 */
class BankKillTest {
  @TempDir Path temporary;

  @Test
  @Timeout(120)
  void noMoneyIsMadeOrLostWhenTheProcessIsKilled() throws Exception {
    killAndCount(800, 5, 2031);
  }

  @Test
  @Tag("soak")
  void noMoneyIsMadeOrLostWhenTheProcessIsKilledManyTimes() throws Exception {
    long seed = Long.getLong("perdure.seed", System.nanoTime());
    System.out.println("BankKillTest: -Dperdure.seed=" + seed);
    killAndCount(20_000, 60, seed);
  }

  private void killAndCount(int transfers, int kills, long seed) throws Exception {
    Console console = new Console(new PrintStream(System.out, true));
    BankExample example = new BankExample(console, temporary.resolve("hub"), transfers, 200, seed);

    Findings found = example.workAndKill(kills);

    assertThat(found.kills()).isEqualTo(kills);
    assertThat(found.after()).isEqualTo(found.before()).isPositive();
    assertThat(found.done() + found.refused()).isEqualTo(transfers);
    assertThat(found.done()).isGreaterThan(transfers / 4);
    assertThat(found.refused()).isGreaterThan(transfers / 100);
    assertThat(found.asAcknowledged()).isTrue();
    assertThat(found.atRest()).isTrue();
    assertThat(found.nothingStuck()).isTrue();
  }
}
