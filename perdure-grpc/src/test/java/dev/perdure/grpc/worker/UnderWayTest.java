package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.engine.functions.FunctionKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnderWayTest {
  private final UnderWay underWay = new UnderWay();
  private long deliveries;

  private static Item item(FunctionKind kind, String instanceId, int taskId) {
    return new Item(kind, "name", "", instanceId, taskId) {
      @Override
      boolean isVoid() {
        return false;
      }

      @Override
      @Nullable WorkRequest toSend(long number, Connection to) {
        return null;
      }

      @Override
      boolean isLarge() {
        return false;
      }

      @Override
      void park(String why) {}

      @Override
      String noun() {
        return "it";
      }

      @Override
      String describe() {
        return kind + " " + instanceId + " " + taskId;
      }
    };
  }

  private Item added(FunctionKind kind, String instanceId, int taskId) {
    Item item = item(kind, instanceId, taskId);
    item.delivery = ++deliveries;
    underWay.add(item);
    return item;
  }

  private List<Item> all() {
    List<Item> all = new ArrayList<>();
    underWay.forEach(all::add);
    return all;
  }

  @Test
  void anItemIsFoundByItsDeliveryAndByWhatItIs() {
    Item step = added(FunctionKind.ORCHESTRATOR, "i", 0);
    Item activity = added(FunctionKind.ACTIVITY, "i", 0);
    Item another = added(FunctionKind.ACTIVITY, "i", 1);

    assertThat(underWay.find(step.delivery)).isSameAs(step);
    assertThat(underWay.find(another.delivery)).isSameAs(another);
    assertThat(underWay.find(FunctionKind.ORCHESTRATOR, "i", 0, null)).isSameAs(step);
    assertThat(underWay.find(FunctionKind.ACTIVITY, "i", 0, null)).isSameAs(activity);
    assertThat(underWay.find(FunctionKind.ACTIVITY, "i", 1, null)).isSameAs(another);
    assertThat(underWay.find(FunctionKind.ENTITY, "i", 0, null)).isNull();
    assertThat(underWay.find(FunctionKind.ACTIVITY, "j", 0, null)).isNull();
    assertThat(underWay.find(99)).isNull();
  }

  @Test
  void ofTwoThatAreTheSameTheEarlierIsFound() {
    Item earlier = added(FunctionKind.ORCHESTRATOR, "i", 0);
    Item later = added(FunctionKind.ORCHESTRATOR, "i", 0);
    assertThat(underWay.find(FunctionKind.ORCHESTRATOR, "i", 0, null)).isSameAs(earlier);
    underWay.remove(earlier);
    assertThat(underWay.find(FunctionKind.ORCHESTRATOR, "i", 0, null)).isSameAs(later);
  }

  @Test
  void toRemoveOneThatIsNotThereDoesNothing() {
    Item item = added(FunctionKind.ORCHESTRATOR, "i", 0);
    underWay.clear();
    underWay.remove(item);
    assertThat(underWay.size()).isZero();
    assertThat(all()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void itHoldsWhatMapsWouldHold(long seed) {
    Random random = new Random(seed);
    Map<Long, Item> expected = new HashMap<>();
    for (int i = 0; i < 5_000; i++) {
      if (random.nextInt(10) < (i < 2_500 ? 6 : 4)) {
        Item item =
            added(
                FunctionKind.values()[random.nextInt(3)],
                "i" + random.nextInt(50),
                random.nextInt(4));
        expected.put(item.delivery, item);
      } else if (!expected.isEmpty()) {
        List<Item> there = List.copyOf(expected.values());
        Item item = there.get(random.nextInt(there.size()));
        underWay.remove(item);
        expected.remove(item.delivery);
      }
      FunctionKind kind = FunctionKind.values()[random.nextInt(3)];
      String instanceId = "i" + random.nextInt(50);
      int taskId = random.nextInt(4);
      assertThat(underWay.find(kind, instanceId, taskId, null))
          .isSameAs(
              expected.values().stream()
                  .filter(item -> item.kind == kind)
                  .filter(item -> item.instanceId.equals(instanceId) && item.taskId == taskId)
                  .min(Comparator.comparingLong(item -> item.delivery))
                  .orElse(null));
      long delivery = random.nextLong(deliveries + 2);
      assertThat(underWay.find(delivery)).isSameAs(expected.get(delivery));
      assertThat(underWay.size()).isEqualTo(expected.size());
    }
    assertThat(all()).containsExactlyInAnyOrderElementsOf(expected.values());
  }
}
