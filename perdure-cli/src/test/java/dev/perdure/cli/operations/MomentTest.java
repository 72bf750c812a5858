package dev.perdure.cli.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class MomentTest {
  private static Instant past(String text) {
    return new Moment.Past().convert(text);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-27,                    2026-11-27T00:00:00Z",
    "2026-11-27T10:15,              2026-11-27T10:15:00Z",
    "2026-11-27 10:15:30,           2026-11-27T10:15:30Z",
    "2026-11-27T10:15:30.250,       2026-11-27T10:15:30.250Z",
    "2026-11-27T10:15:30Z,          2026-11-27T10:15:30Z",
    "2026-11-27T10:15:30+02:00,     2026-11-27T08:15:30Z",
    "2028-02-29,                    2028-02-29T00:00:00Z",
  })
  void aTimeIsReadAsPeopleWriteIt(String text, String time) {
    assertThat(past(text)).isEqualTo(time);
  }

  /** Who purges until then must not purge until another day. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-02-30",
        "2026-02-29T10:00",
        "2026-13-01",
        "2026-11-27T25:00",
        "2026-11-29+14:00"
      })
  void aDayThatThereIsNotIsRefused(String text) {
    assertThatThrownBy(() -> past(text)).isInstanceOf(TypeConversionException.class);
  }

  @Test
  void aSpanIsHowLongAgoItWas() {
    assertThat(past("24h"))
        .isBetween(
            Instant.now().minus(Duration.ofHours(25)), Instant.now().minus(Duration.ofHours(23)));
  }
}
