package dev.perdure.trigger.eventhubs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventHubOutputTypeTest {
  @Test
  void textIsOneEvent() {
    assertThat(bodies("hello")).containsExactly("hello");
    assertThat(bodies("{\"a\":[1]}")).containsExactly("{\"a\":[1]}");
    assertThat(bodies("[not json")).containsExactly("[not json");
    assertThat(bodies("[WARN] hot")).containsExactly("[WARN] hot");
    assertThat(bodies("[a;b]")).containsExactly("[a;b]");
  }

  @Test
  void textOfAJsonArrayIsOneEventForEachElement() {
    assertThat(bodies("[{\"a\":1},\"x\",2]")).containsExactly("{\"a\":1}", "x", "2");
  }

  @Test
  void listsAndArraysAreOneEventForEachElement() {
    assertThat(bodies(List.of("a", Map.of("b", 1)))).containsExactly("a", "{\"b\":1}");
    assertThat(bodies(new String[] {"a", "[1]"})).containsExactly("a", "[1]");
    assertThat(bodies(new int[] {1, 2})).containsExactly("1", "2");
    assertThat(bodies(Arrays.asList("a", null))).containsExactly("a", "");
    assertThat(bodies(List.of())).isEmpty();
  }

  @Test
  void bytesAreOneEvent() {
    assertThat(bodies("abc".getBytes(StandardCharsets.UTF_8))).containsExactly("abc");
    assertThat(bodies(new Byte[] {65, 66})).containsExactly("AB");
  }

  @Test
  void anythingElseIsJson() {
    assertThat(bodies(new Reading("d1", 20))).containsExactly("{\"device\":\"d1\",\"value\":20}");
  }

  private record Reading(String device, int value) {}

  private static List<String> bodies(Object value) {
    return EventHubOutputType.bodies(value).stream()
        .map(body -> new String(body, StandardCharsets.UTF_8))
        .toList();
  }
}
