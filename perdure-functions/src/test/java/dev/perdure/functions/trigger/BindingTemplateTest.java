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
    "{datetime:yyyyMMdd-HHmmssK}, 20260304-050607Z",
    "{datetime:HHzzz z zz}, '05+00:00 +0 +00'",
    "{datetime:d}, 03/04/2026",
    "{datetime:D}, 'Wednesday, 04 March 2026'",
    "{datetime:f}, 'Wednesday, 04 March 2026 05:06'",
    "{datetime:F}, 'Wednesday, 04 March 2026 05:06:07'",
    "{datetime:U}, 'Wednesday, 04 March 2026 05:06:07'",
    "{datetime:g}, 03/04/2026 05:06",
    "{datetime:G}, 03/04/2026 05:06:07",
    "{datetime:M}, March 04",
    "{datetime:m}, March 04",
    "{datetime:o}, 2026-03-04T05:06:07.0890000Z",
    "{datetime:O}, 2026-03-04T05:06:07.0890000Z",
    "{datetime:R}, 'Wed, 04 Mar 2026 05:06:07 GMT'",
    "{datetime:r}, 'Wed, 04 Mar 2026 05:06:07 GMT'",
    "{datetime:s}, 2026-03-04T05:06:07",
    "{datetime:t}, 05:06",
    "{datetime:T}, 05:06:07",
    "{datetime:u}, 2026-03-04 05:06:07Z",
    "{datetime:y}, 2026 March",
    "{datetime:Y}, 2026 March",
    "{datetime:%d}, 4",
    "{datetime:}, 2026-03-04T05-06-07Z",
    "{when:o}, 2026-01-31T09:05:07.1230000Z",
    "{DateTime}, 2026-03-04T05-06-07Z",
    "{sys.utcnow}, 2026-03-04T05-06-07Z",
    "{sys.UtcNow:yyyy}, 2026",
    "{sys.methodname}/{sys.MethodName}, Resize/Resize",
    "{when:yyyy/MM/dd}, 2026/01/31",
    "{at:HH-mm}, 22-30",
    "{key:N} {key:n}, 0f8fad5bd9cb469fa16570867728950e 0f8fad5bd9cb469fa16570867728950e",
    "{key:D} {key:}, 0f8fad5b-d9cb-469f-a165-70867728950e 0f8fad5b-d9cb-469f-a165-70867728950e",
    "{key:B}, {0f8fad5b-d9cb-469f-a165-70867728950e}",
    "{key:p}, (0f8fad5b-d9cb-469f-a165-70867728950e)",
    "{name:yyyy} {id:N} {id:X}, report 7 7",
    "{when:X}, 2026-01-31T09:05:07.123"
  })
  void namesAreFilledIn(String text, String filled) {
    assertThat(template(text).fill(INVOCATION)).isEqualTo(filled);
  }

  @Test
  void theTimeOfAMessageGoesBeforeThatOfTheClock() {
    Invocation message = Invocation.of(new Value.Text("{\"dateTime\":\"2020-02-03\"}"), "test");

    assertThat(template("{DateTime}").fill(message)).isEqualTo("2020-02-03");
    assertThat(template("{DateTime:yyyy}").fill(message)).isEqualTo("2026");
    assertThat(template("{sys.utcnow}").fill(message)).startsWith("2026");
  }

  @Test
  void randomIdsAreNewEachTime() {
    BindingTemplate template = template("{rand-guid}");
    assertThat(template.fill(INVOCATION))
        .matches("[0-9a-f-]{36}")
        .isNotEqualTo(template.fill(INVOCATION));
    assertThat(template("{rand-guid:N}").fill(INVOCATION)).matches("[0-9a-f]{32}");
    assertThat(template("{rand-guid:D}").fill(INVOCATION)).matches("[0-9a-f-]{36}");
    assertThat(template("{rand-guid:B}").fill(INVOCATION)).matches("\\{[0-9a-f-]{36}}");
    assertThat(template("{sys.randguid:P}").fill(INVOCATION)).matches("\\([0-9a-f-]{36}\\)");
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
      strings = {
        "{open",
        "close}",
        "{}",
        "{ }",
        "{datetime:'yyyy}",
        "{when:'yyyy}",
        "{datetime:X}",
        "%NO_SUCH%"
      })
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
