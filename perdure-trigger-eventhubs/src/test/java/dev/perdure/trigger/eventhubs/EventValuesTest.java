package dev.perdure.trigger.eventhubs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.Direction;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Value;
import dev.perdure.trigger.eventhubs.EventValues.Origin;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventValuesTest {
  private static final Origin ORIGIN = new Origin("localhost", "hub", "$Default", "3");

  @Test
  void oneEventIsItsText() {
    assertThat(values("ONE", "").one(event("héllo", 7), ORIGIN).value())
        .isEqualTo(new Value.Text("héllo"));
  }

  @Test
  void cardinalityThatIsNotWrittenMeansOne() {
    assertThat(EventValues.of(binding(Map.of()), true).many()).isFalse();
  }

  @Test
  void oneEventAsBytes() {
    Value value = values("ONE", "binary").one(event("abc", 7), ORIGIN).value();
    assertThat(value).isInstanceOf(Value.Bytes.class);
    assertThat(((Value.Bytes) value).bytes().bytes())
        .isEqualTo("abc".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void severalEventsAreAJsonArrayOfTheirBodies() throws Exception {
    Invocation invocation =
        values("MANY", "").several(List.of(event("{\"a\":1}", 7), event("\"x\"", 8)), ORIGIN);
    assertThat(invocation.value()).isEqualTo(new Value.Json("[{\"a\":1},\"x\"]", false));
  }

  @Test
  void byteOrderMarksAreLeftOutOfTheArray() throws Exception {
    Invocation invocation =
        values("MANY", "").several(List.of(event("1", 7), event("\uFEFF{}", 8)), ORIGIN);
    assertThat(invocation.value()).isEqualTo(new Value.Json("[1,{}]", false));
  }

  @Test
  void bodyThatIsNoJsonIsRefusedWithAWayOutAndWithoutShowingIt() {
    for (String body : List.of("hello", "{\"a\":}", "", "{} {}")) {
      assertThatThrownBy(() -> values("MANY", "").several(List.of(event(body, 7)), ORIGIN))
          .isInstanceOf(UnreadableEventException.class)
          .hasMessageContaining("(sequence number 7)")
          .hasMessageContaining("dataType = \"string\"")
          .message()
          .doesNotContain("hello");
    }
  }

  @Test
  void severalTextsNeedNotBeJson() throws Exception {
    assertThat(
            values("MANY", "string").several(List.of(event("a", 1), event("{", 2)), ORIGIN).value())
        .isEqualTo(new Value.Texts(List.of("a", "{")));
  }

  @Test
  void severalByteArrays() throws Exception {
    Value value = values("MANY", "binary").several(List.of(event("a", 1)), ORIGIN).value();
    assertThat(((Value.ManyBytes) value).items()).extracting(Payload::bytes).hasSize(1);
  }

  @Test
  void metadataOfOneEvent() {
    Map<String, Value> metadata = values("ONE", "").one(event("x", 42), ORIGIN).metadata();
    assertThat(metadata)
        .containsEntry("EnqueuedTimeUtc", new Value.Text("2026-01-31T09:05:07.123"))
        .containsEntry("SequenceNumber", new Value.Text("42"))
        .containsEntry("Offset", new Value.Text("o42"))
        .containsEntry("PartitionKey", Value.NOTHING)
        .containsEntry("Properties", new Value.Json("{\"room\":\"b<1\"}", false));
    assertThat(json(metadata, "SystemProperties"))
        .contains("\"iothub-connection-device-id\":\"d1\"")
        .contains("\"SequenceNumber\":42")
        .contains("\"EnqueuedTimeUtc\":\"2026-01-31T09:05:07.123\"");
    assertThat(json(metadata, "PartitionContext"))
        .isEqualTo(
            "{\"FullyQualifiedNamespace\":\"localhost\",\"EventHubName\":\"hub\",\"ConsumerGroup\":\"$Default\",\"PartitionId\":\"3\"}");
  }

  @Test
  void partitionGoesByBothOfItsNames() throws Exception {
    List<Invocation> invocations =
        List.of(
            values("ONE", "").one(event("1", 1), ORIGIN),
            values("MANY", "").several(List.of(event("1", 1)), ORIGIN));
    assertThat(invocations)
        .extracting(Invocation::metadata)
        .allSatisfy(
            metadata ->
                assertThat(metadata)
                    .containsEntry(
                        "TriggerPartitionContext",
                        new Value.Json(json(metadata, "PartitionContext"))));
  }

  @Test
  void metadataOfSeveralEventsIsInTheirOrder() throws Exception {
    Map<String, Value> metadata =
        values("MANY", "string").several(List.of(event("a", 1), event("b", 2)), ORIGIN).metadata();
    assertThat(json(metadata, "SequenceNumberArray")).isEqualTo("[1,2]");
    assertThat(json(metadata, "OffsetArray")).isEqualTo("[\"o1\",\"o2\"]");
    assertThat(json(metadata, "PartitionKeyArray")).isEqualTo("[null,null]");
    assertThat(json(metadata, "SystemPropertiesArray")).startsWith("[{").contains("\"d1\"");
  }

  @Test
  void metadataIsNotMadeForFunctionsThatDoNotLookAtIt() {
    EventValues values = EventValues.of(binding(Map.of()), false);
    assertThat(values.one(event("x", 1), ORIGIN).metadata()).isEmpty();
  }

  @Test
  void traceOfTheSenderGoesOn() {
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assertThat(traceOf(Map.of("traceparent", trace))).isEqualTo(new TraceContext(trace, null));
    assertThat(traceOf(Map.of("traceparent", trace, "tracestate", "a=1")))
        .isEqualTo(new TraceContext(trace, "a=1"));
    assertThat(traceOf(Map.of("tracestate", "a=1"))).isNull();
  }

  private static TraceContext traceOf(Map<String, Object> properties) {
    Event event = new Event(new byte[0], 1L, "1", null, null, properties, Map.of());
    return values("ONE", "").one(event, ORIGIN).trace();
  }

  @Test
  void textGivenByHandIsTheBodyOfOneEvent() {
    assertThat(values("ONE", "").byHand("hello").value()).isEqualTo(new Value.Text("hello"));
    assertThat(values("MANY", "").byHand("{}").value()).isEqualTo(new Value.Json("[{}]", false));
    assertThatThrownBy(() -> values("MANY", "").byHand("hello"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not JSON");
  }

  @Test
  void arrayGivenByHandIsTheBodiesOfSeveralEvents() {
    String array = " [{\"a\": 1}, \"x\", 2.50]";
    assertThat(values("MANY", "").byHand(array).value())
        .isEqualTo(new Value.Json("[{\"a\":1},\"x\",2.50]", false));
    assertThat(values("MANY", "string").byHand(array).value())
        .isEqualTo(new Value.Texts(List.of("{\"a\":1}", "x", "2.50")));
    assertThat(((Value.ManyBytes) values("MANY", "binary").byHand(array).value()).items())
        .extracting(Payload::text)
        .containsExactly("{\"a\":1}", "x", "2.50");
    assertThat(values("ONE", "").byHand(array).value()).isEqualTo(new Value.Text(array));
    assertThat(values("MANY", "string").byHand("[no array").value())
        .isEqualTo(new Value.Texts(List.of("[no array")));
  }

  private static String json(Map<String, Value> metadata, String name) {
    return ((Value.Json) metadata.get(name)).json();
  }

  private static EventValues values(String cardinality, String dataType) {
    return EventValues.of(binding(Map.of("cardinality", cardinality, "dataType", dataType)), true);
  }

  private static Binding binding(Map<String, Object> attributes) {
    return new Binding("eventHubTrigger", Direction.IN, "event", attributes);
  }

  @Test
  void numbersThatJsonDoesNotHaveAreTexts() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("a", Double.NaN);
    properties.put("b", Float.NEGATIVE_INFINITY);
    properties.put("c", 1.5);

    assertThat(
            values("ONE", "").one(event("x", 1, properties), ORIGIN).metadata().get("Properties"))
        .isEqualTo(new Value.Json("{\"a\":\"NaN\",\"b\":\"-Infinity\",\"c\":1.5}", false));
  }

  private static Event event(String body, long sequenceNumber) {
    return event(body, sequenceNumber, Map.of("room", "b<1"));
  }

  private static Event event(String body, long sequenceNumber, Map<String, Object> properties) {
    return new Event(
        body.getBytes(StandardCharsets.UTF_8),
        sequenceNumber,
        "o" + sequenceNumber,
        null,
        Instant.parse("2026-01-31T09:05:07.123456Z"),
        properties,
        Map.of("iothub-connection-device-id", "d1"));
  }
}
