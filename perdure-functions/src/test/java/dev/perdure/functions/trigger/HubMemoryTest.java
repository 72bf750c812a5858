package dev.perdure.functions.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.testing.TestHub;
import org.junit.jupiter.api.Test;

class HubMemoryTest {
  @Test
  void whatWasWrittenLastIsRead() throws Exception {
    try (TestHub hub = TestHub.builder().register(TriggerState.class).open()) {
      HubMemory memory = new HubMemory(hub.client());
      assertThat(memory.read("a")).isNull();
      for (int i = 0; i <= 20; i++) {
        memory.write("a", "position " + i);
      }
      memory.write("eventhubs/localhost/hub/$Default/0", "x");
      assertThat(memory.read("a")).isEqualTo("position 20");
      assertThat(new HubMemory(hub.client()).read("eventhubs/localhost/hub/$Default/0"))
          .isEqualTo("x");
      assertThat(memory.read("A")).as("names are told apart by case").isNull();
      hub.checkNothingIsStuck();
    }
  }
}
