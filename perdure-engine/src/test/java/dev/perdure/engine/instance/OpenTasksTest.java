package dev.perdure.engine.instance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OpenTasksTest {
  private final OpenTasks open = new OpenTasks();

  private static OpenTask task(int id) {
    return new OpenTask.SubOrchestration(id, 0, "child-" + id, "Child");
  }

  @Test
  void aTaskIsFoundByItsIdOnly() {
    OpenTask seven = task(7);
    open.put(seven);
    assertThat(open.get(7)).isSameAs(seven);
    assertThat(open.get(8)).isNull();
    assertThat(open.remove(8)).isNull();
    assertThat(open.remove(7)).isSameAs(seven);
    assertThat(open.isEmpty()).isTrue();
  }

  @Test
  void anotherOfTheSameIdTakesItsPlace() {
    OpenTask later = task(7);
    open.put(task(7));
    open.put(later);
    assertThat(open.all()).containsExactly(later);
  }

  @Test
  void whateverComesAndGoesItHoldsWhatAMapWouldHold() {
    Random random = new Random(1);
    Map<Integer, OpenTask> expected = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      int id = random.nextInt(4);
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          OpenTask task = task(id);
          open.put(task);
          expected.put(id, task);
        }
        case 2, 3 -> assertThat(open.remove(id)).isSameAs(expected.remove(id));
        default -> {
          if (random.nextInt(20) == 0) {
            open.clear();
            expected.clear();
          }
        }
      }
      assertThat(open.size()).isEqualTo(expected.size());
      assertThat(open.isEmpty()).isEqualTo(expected.isEmpty());
      assertThat(open.all()).containsExactlyInAnyOrderElementsOf(expected.values());
      assertThat(open.get(id)).isSameAs(expected.get(id));
    }
  }
}
