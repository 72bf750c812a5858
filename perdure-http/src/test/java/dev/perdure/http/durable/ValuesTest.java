package dev.perdure.http.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Payload;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How stored values and times are written and read. */
class ValuesTest {

  private static String shown(Payload value) {
    return Json.write(json -> Json.stored(json, value)).text();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\": [1.50, 1e999]} | {\"a\": [1.50, 1e999]}",
        "\"Tokyo\" | \"Tokyo\"",
        "Tokyo | \"Tokyo\"",
        "null | null",
        "12345678901234567890123 | 12345678901234567890123",
        "NaN | \"NaN\"",
        "{'a':1} | \"{'a':1}\"",
        "[1,] | \"[1,]\"",
        "1 2 | \"1 2\"",
        "\"open | \"\\\"open\"",
        "// x | \"// x\"",
      })
  void whatIsJsonIsShownAsItIsAndWhatIsNotAsAText(String stored, String expected) {
    assertThat(shown(Payload.of(stored))).isEqualTo(expected);
  }

  @Test
  void nothingIsNullAndWhiteSpaceAnEmptyText() {
    assertThat(shown(null)).isEqualTo("null");
    assertThat(shown(Payload.EMPTY)).isEqualTo("\"\"");
    assertThat(shown(Payload.of(" \n"))).isEqualTo("\"\"");
  }

  @Test
  void bytesThatAreNoTextDoNoHarm() {
    assertThat(shown(Payload.of(new byte[] {'"', (byte) 0xff, '"'}))).startsWith("\"\\\"");
  }

  @Test
  void aValueThatIsNestedVeryDeeplyIsShownAsAText() {
    String deep = "[".repeat(5_000) + "]".repeat(5_000);
    assertThat(shown(Payload.of(deep))).startsWith("\"[[[");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-01-31T09:05:07Z, 2026-01-31T09:05:07Z",
    "2026-01-31T09:05:07.1234567z, 2026-01-31T09:05:07.123456700Z",
    "2026-01-31T09:05:07+02:00, 2026-01-31T07:05:07Z",
    "2026-01-31T09:05:07 02:00, 2026-01-31T07:05:07Z",
    "2026-01-31T09:05:07-0230, 2026-01-31T11:35:07Z",
    "2026-01-31T09:05Z, 2026-01-31T09:05:00Z",
    "2026-01-31 09:05:07Z, 2026-01-31T09:05:07Z",
    "2026-01-31T24:00:00Z, 2026-02-01T00:00:00Z",
    "2028-02-29T24:00Z, 2028-03-01T00:00:00Z",
    "0001-01-01T00:00:00.000000Z, 0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z, 9999-12-31T23:59:59.999999Z",
    "1-01-01T00:00:00.000000Z, 0001-01-01T00:00:00Z",
  })
  void timesAreReadInManyForms(String text, Instant expected) {
    assertThat(Times.read(text)).isEqualTo(expected);
  }

  @Test
  void aTimeWithoutAnOffsetIsLocal() {
    ZoneId here = ZoneId.systemDefault();
    assertThat(Times.read("2026-01-31T09:05:07"))
        .isEqualTo(LocalDateTime.of(2026, 1, 31, 9, 5, 7).atZone(here).toInstant());
    assertThat(Times.read("2026-01-31"))
        .isEqualTo(LocalDateTime.of(2026, 1, 31, 0, 0).atZone(here).toInstant());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "soon",
        "2026-13-01",
        "2026-01-31T25:00",
        "2026-01-31T24:01Z",
        "2026-02-30T24:00Z",
        "1",
        "31.1.2026",
        "2026-02-31",
        "26-01-31T00:00:00Z",
        "-1-01-01",
        "1-02-30T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-04-31T09:05+02:00"
      })
  void whatIsNoTimeIsNone(String text) {
    assertThat(Times.read(text)).isNull();
  }

  @Test
  void timesAreWrittenInTwoForms() {
    Instant time = Instant.parse("2026-01-31T09:05:07.123Z");
    assertThat(Times.seconds(time)).isEqualTo("2026-01-31T09:05:07Z");
    assertThat(Times.full(time)).isEqualTo("2026-01-31T09:05:07.1230000Z");
  }
}
