package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.CarrierThreads.Need;
import org.junit.jupiter.api.Test;

/** How many threads there should be for functions that compute. */
class CarrierThreadsTest {
  private final Need need = new Need(2);

  private int looks(boolean answered, int times) {
    for (int i = 0; i < times; i++) {
      need.look(answered);
    }
    return need.threads();
  }

  @Test
  void withoutNeedThereAreNoMore() {
    assertThat(looks(true, 10_000)).isEqualTo(2);
    assertThat(looks(false, Need.PATIENCE - 1)).as("a moment without an answer").isEqualTo(2);
    assertThat(looks(true, 1)).isEqualTo(2);
    assertThat(looks(false, Need.PATIENCE - 1)).as("another one").isEqualTo(2);
  }

  @Test
  void whileNobodyGetsHisTurnThereAreMoreAndMoreUpToALimit() {
    assertThat(looks(false, Need.PATIENCE)).isEqualTo(4);
    assertThat(looks(false, 1)).isEqualTo(8);
    assertThat(looks(false, 1_000)).isEqualTo(Need.MOST);
  }

  @Test
  void afterAWhileThereAreFewerAgain() {
    looks(false, Need.PATIENCE + 1);
    assertThat(looks(true, Need.HOLD - 1)).isEqualTo(8);
    assertThat(looks(true, 1)).isEqualTo(2);
  }

  @Test
  void whereTheyAreNeededAgainAtOnceTheyStayForLonger() {
    looks(false, Need.PATIENCE);
    looks(true, Need.HOLD);
    assertThat(looks(false, Need.PATIENCE)).isEqualTo(4);
    assertThat(looks(true, 2 * Need.HOLD - 1)).isEqualTo(4);
    assertThat(looks(true, 1)).isEqualTo(2);

    looks(true, Need.SOON);
    assertThat(looks(false, Need.PATIENCE)).isEqualTo(4);
    assertThat(looks(true, Need.HOLD)).as("a new need, later").isEqualTo(2);
  }
}
