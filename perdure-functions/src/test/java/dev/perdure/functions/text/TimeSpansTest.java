package dev.perdure.functions.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeSpansTest {
  @ParameterizedTest
  @CsvSource({
    "00:00:05, PT5S",
    "1:2:3, PT1H2M3S",
    "00:10, PT10M",
    "23:59:59, PT23H59M59S",
    "1.02:03:04, PT26H3M4S",
    "7, PT168H",
    "00:00:00.5, PT0.5S",
    "00:00:00.1234567, PT0.1234567S",
    "-00:00:01, PT-1S",
    "-1, PT-24H",
    "' 00:01:00 ', PT1M"
  })
  void means(String text, Duration span) {
    assertThat(TimeSpans.parse(text)).isEqualTo(span);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5s", "1:2:3:4", "00:00:00.12345678", "1.5", "one", "00:00:", "999999999"})
  void meansNothing(String text) {
    assertThatThrownBy(() -> TimeSpans.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'%s' is not a span of time; write it as hh:mm:ss".formatted(text));
  }

  @Test
  void partsHaveLimits() {
    assertThatThrownBy(() -> TimeSpans.parse("24:00:00"))
        .hasMessageStartingWith(
            "'24:00:00' is not a span of time: it has 24 hours, and the most is 23.");
    assertThatThrownBy(() -> TimeSpans.parse("00:60:00")).hasMessageContaining("60 minutes");
    assertThatThrownBy(() -> TimeSpans.parse("00:00:60")).hasMessageContaining("60 seconds");
  }

  @Test
  void isWrittenAsItIsRead() {
    for (String text : new String[] {"00:00:05", "1.02:03:04", "-00:10:00"}) {
      assertThat(TimeSpans.format(TimeSpans.parse(text))).isEqualTo(text);
    }
  }
}
