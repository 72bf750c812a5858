package dev.perdure.functions.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.settings.Settings;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BindingTemplateTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-03-04T05:06:07.089Z"));

  private static final Invocation INVOCATION =
      new Invocation(
          new Value.Text(
              "{\"id\":7,\"address\":{\"town\":\"Bern\"},\"name\":\"from the value\",\"owner\":null,\"DateTime\":null,\"at\":\"2026-01-31T23:30+01:00\"}"),
          Map.of(
              "name", new Value.Text("report"),
              "SystemProperties",
                  new Value.Json("{\"SequenceNumber\":42,\"a\":{\"b\":true,\"none\":null}}"),
              "Owner2", new Value.Json("null"),
              "when", new Value.Text("2026-01-31T09:05:07.123"),
              "key", new Value.Text("0f8fad5b-d9cb-469f-a165-70867728950e"),
              "Missing", Value.NOTHING),
          "test",
          null);

  @ParameterizedTest
  @CsvSource({
    "plain, plain",
    "in/{name}.txt, in/report.txt",
    "in/{NAME}.txt, in/report.txt",
    "{SystemProperties.SequenceNumber}, 42",
    "{systemproperties.A.b}, true",
    "{id}-{address.town}, 7-Bern",
    "{address}, '{\"town\":\"Bern\"}'",
    "{{name}}, {name}",
    "%BOX%/{name}, inbox/report",
    "{datetime:yyyy-MM}, 2026-03",
    "{datetime:HHmmssfff}, 050607089",
    "{datetime:yyyy-MM-ddTHH-mm-ssZ}, 2026-03-04T05-06-07Z",
    "{datetime:ddd dddd h tt}, Wed Wednesday 5 AM",
    "{DateTime}, 2026-03-04T05-06-07Z",
    "{sys.utcnow}, 2026-03-04T05-06-07Z",
    "{sys.UtcNow:yyyy}, 2026",
    "{sys.methodname}/{sys.MethodName}, Resize/Resize",
    "{when:yyyy/MM/dd}, 2026/01/31",
    "{at:HH-mm}, 22-30",
    "{key:N} {key:n}, 0f8fad5bd9cb469fa16570867728950e 0f8fad5bd9cb469fa16570867728950e",
    "{name:yyyy} {id:N}, report 7"
  })
  void namesAreFilledIn(String text, String filled) {
    assertThat(template(text).fill(INVOCATION)).isEqualTo(filled);
  }

  @Test
  void randomIdsAreNewEachTime() {
    BindingTemplate template = template("{rand-guid}");
    assertThat(template.fill(INVOCATION))
        .matches("[0-9a-f-]{36}")
        .isNotEqualTo(template.fill(INVOCATION));
    assertThat(template("{rand-guid:N}").fill(INVOCATION)).matches("[0-9a-f]{32}");
    assertThat(template("{sys.randguid}").fill(INVOCATION)).matches("[0-9a-f-]{36}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{nobody}", "{Missing.more}", "{address.street}", "{name.first}"})
  void nameThatIsNotKnownIsRefusedWithThoseThatAre(String text) {
    assertThatThrownBy(() -> template(text).fill(INVOCATION))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Nothing is known of '" + text + "'")
        .hasMessageContaining("address")
        .hasMessageContaining("SystemProperties")
        .message()
        .doesNotContain("Bern");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{owner}",
        "{OWNER}",
        "{owner:yyyy}",
        "{SystemProperties.a.none}",
        "{Owner2}",
        "{Missing}"
      })
  void whatHasNoValueIsNoText(String text) {
    assertThat(template(text).fillOrNull(INVOCATION)).isNull();
    assertThatThrownBy(() -> template(text).fill(INVOCATION))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("There is no value for '" + text.replaceAll(":.*", "}") + "' in '");
  }

  @Test
  void whatIsMoreThanOneNameIsNeverNull() {
    assertThat(template("{name}").fillOrNull(INVOCATION)).isEqualTo("report");
    assertThat(template("{datetime:yyyy}").fillOrNull(INVOCATION)).isEqualTo("2026");
    assertThat(template("null").fillOrNull(INVOCATION)).isEqualTo("null");
    assertThatThrownBy(() -> template("a{owner}").fillOrNull(INVOCATION))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> template("{owner.name}").fillOrNull(INVOCATION))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Nothing is known of");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{open", "close}", "{}", "{ }", "{datetime:'yyyy}", "{when:'yyyy}", "%NO_SUCH%"})
  void malformedTextIsRefusedWhenTheAppIsLoaded(String text) {
    assertThatThrownBy(() -> template(text)).isInstanceOf(InvalidTriggerException.class);
  }

  @Test
  void textWithoutNamesIsKnownToBeFixed() {
    assertThat(template("a{{b}}").isFixed()).isTrue();
    assertThat(template("a{b}").isFixed()).isFalse();
  }

  private static BindingTemplate template(String text) {
    return BindingTemplate.of(text, "Resize", Settings.of(Map.of("BOX", "inbox")), CLOCK);
  }
}
