package dev.perdure.cli.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.TypeConversionException;

/** Times, spans of time, keys and JSON as operators write them. */
class ArgumentsTest {
  private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");

  @TempDir Path temporary;

  @Test
  void timesAreUtcUnlessTheySayOtherwise() {
    for (String noon :
        new String[] {
          "2026-11-26T12:00:00Z",
          "2026-11-26T12:00",
          "2026-11-26 12:00:00",
          "2026-11-26T12:00:00.000Z",
          "2026-11-26T14:00:00+02:00"
        }) {
      assertThat(new Moment.Past().convert(noon)).as(noon).isEqualTo(NOON);
    }
    assertThat(new Moment.Past().convert("2026-11-26")).isEqualTo("2026-11-26T00:00:00Z");
  }

  @Test
  void spansCountFromNow() {
    assertThat(new Moment.Past().convert("2d"))
        .isCloseTo(Instant.now().minus(Duration.ofDays(2)), within(1, ChronoUnit.MINUTES));
    assertThat(new Moment.Future().convert("90m"))
        .isCloseTo(Instant.now().plus(Duration.ofMinutes(90)), within(1, ChronoUnit.MINUTES));
    assertThat(new Moment.Span().convert("250ms")).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void whatIsNoTimeIsRefusedWithAnExample() {
    for (String text : new String[] {"", "yesterday", "2026-13-01", "5 days", "-3h", "12:00"}) {
      assertThatThrownBy(() -> new Moment.Past().convert(text))
          .isInstanceOf(TypeConversionException.class)
          .hasMessageContaining("'" + text + "' is no time. Write it as in 2026-11-26T14:30:00Z");
    }
    assertThatThrownBy(() -> new Moment.Span().convert("5"))
        .hasMessageContaining("'5' is no span of time");
  }

  @Test
  void agesAreRound() {
    assertThat(Moment.ago(NOON, NOON.plusMillis(300))).isEqualTo("just now");
    assertThat(Moment.ago(NOON, NOON.plusSeconds(75))).isEqualTo("75s ago");
    assertThat(Moment.ago(NOON, NOON.plusSeconds(150))).isEqualTo("2m ago");
    assertThat(Moment.ago(NOON, NOON.plusSeconds(3 * 3600 + 5))).isEqualTo("3h ago");
    assertThat(Moment.ago(NOON, NOON.plusSeconds(50 * 3600))).isEqualTo("2d ago");
    assertThat(Moment.ago("not a time")).isEmpty();
  }

  @Test
  void theKeyIsTheOneForTheApiOrTheFirstLine() throws IOException {
    Path keys =
        Files.writeString(
            temporary.resolve("http.keys"),
            "# keys\nmaster=abc\nsystem/durabletask_extension=d=e=f\n");
    assertThat(ServerKey.find(keys, Map.of("PERDURE_KEY", "other"))).isEqualTo("d=e=f");
    Path plain = Files.writeString(temporary.resolve("key"), "\n the-key= \nrest\n");
    assertThat(ServerKey.find(plain, Map.of())).isEqualTo("the-key=");
    assertThat(ServerKey.find(null, Map.of("PERDURE_KEY", " k "))).isEqualTo("k");
    assertThat(ServerKey.find(null, Map.of("PERDURE_KEY", ""))).isNull();
    Path empty = Files.writeString(temporary.resolve("empty"), "\n");
    assertThatThrownBy(() -> ServerKey.find(empty, Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("holds no key");
  }

  @Test
  void numbersKeepTheirDigits() {
    String numbers = "[1.50,12345678901234567890123,0.1]";
    assertThat(Json.compact(Json.read(numbers))).isEqualTo(numbers);
  }
}
