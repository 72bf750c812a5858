package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Payload;
import dev.perdure.engine.partition.Command.SignalEntities;
import dev.perdure.engine.partition.Command.SignalEntities.Signal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Many signals at once are no commit without a limit. */
class SignalPortionsTest {
  private static Signal signal(int bytes) {
    return new Signal("@tally@a", "add", Payload.of(new byte[bytes]), null);
  }

  private static List<Integer> sizes(List<Signal> signals) {
    List<List<Signal>> portions = SignalEntities.inPortions(signals);
    List<Signal> together = new ArrayList<>();
    portions.forEach(together::addAll);
    assertThat(together).isEqualTo(signals); // all of them, in their order
    return portions.stream().map(List::size).toList();
  }

  @Test
  void smallOnesGoTogether() {
    assertThat(sizes(Collections.nCopies(10_000, signal(10)))).containsExactly(10_000);
  }

  @Test
  void aPortionHasEightMebibytesUnlessOneAloneHasMore() {
    int mebibyte = 1 << 20;
    assertThat(
            sizes(
                List.of(
                    signal(5 * mebibyte),
                    signal(2 * mebibyte),
                    signal(2 * mebibyte),
                    signal(9 * mebibyte),
                    signal(0))))
        .containsExactly(2, 1, 1, 1);
  }

  @Test
  void thoseWithoutAnInputCountToo() {
    List<Signal> signals = Collections.nCopies(100_000, new Signal("@tally@a", "add", null, null));
    assertThat(sizes(signals)).containsExactly(65_536, 34_464);
  }

  @Test
  void noneAreNoPortion() {
    assertThat(sizes(List.of())).isEmpty();
  }
}
