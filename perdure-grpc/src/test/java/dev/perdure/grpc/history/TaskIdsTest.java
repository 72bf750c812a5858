package dev.perdure.grpc.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskIdsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 20})
  void itHoldsWhatASetWouldHold(int different) {
    Random random = new Random(different);
    TaskIds ids = new TaskIds();
    Set<Integer> expected = new HashSet<>();
    for (int i = 0; i < 2_000; i++) {
      int id = random.nextInt(different) - 1;
      if (random.nextBoolean()) {
        assertThat(ids.add(id)).isEqualTo(expected.add(id));
      } else {
        ids.remove(id);
        expected.remove(id);
      }
      assertThat(ids.isEmpty()).isEqualTo(expected.isEmpty());
      for (int each = -1; each < different; each++) {
        assertThat(ids.contains(each)).isEqualTo(expected.contains(each));
      }
    }
  }
}
