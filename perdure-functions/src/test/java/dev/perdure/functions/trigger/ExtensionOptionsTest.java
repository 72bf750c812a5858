package dev.perdure.functions.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.settings.HostSettings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExtensionOptionsTest {
  private static final Duration DAY = Duration.ofDays(1);

  @Test
  void namesAreFoundInAnyCaseAndSectionsMayBeMissing() {
    ExtensionOptions options =
        of(Map.of("BatchSize", 7, "On", "True", "Wait", "00:00:05", "Inner", Map.of("a", "b")));
    assertThat(options.number("batchSize", 1, 1, 10)).isEqualTo(7);
    assertThat(options.flag("on", false)).isTrue();
    assertThat(options.span("wait", DAY, Duration.ZERO, DAY)).isEqualTo(Duration.ofSeconds(5));
    assertThat(options.section("inner").text("A", "")).isEqualTo("b");
    assertThat(options.section("other").number("x", 3, 1, 5)).isEqualTo(3);
    assertThat(options.has("batchsize")).isTrue();
    assertThat(options.has("nothing")).isFalse();
  }

  @Test
  void whatIsWrongIsSaidWithItsPlaceAndWhatItHasToBe() {
    ExtensionOptions options = of(Map.of("n", "many", "f", "yes", "s", "2.00:00:00", "o", 1));
    refused(() -> options.number("n", 1, 1, 32), "extensions.queues.n in host.json is 'many'");
    refused(() -> options.number("n", 1, 1, 32), "a whole number from 1 to 32");
    refused(() -> options.flag("f", true), "true or false");
    refused(() -> options.span("s", DAY, Duration.ZERO, DAY), "from 00:00:00 to 1.00:00:00");
    refused(() -> options.section("o"), "extensions.queues.o in host.json is '1'");
  }

  private static void refused(Runnable read, String part) {
    assertThatThrownBy(read::run)
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining(part);
  }

  private static ExtensionOptions of(Map<String, Object> section) {
    HostSettings none = HostSettings.DEFAULTS;
    return ExtensionOptions.of(
        new HostSettings(
            none.functionTimeout(),
            none.functions(),
            none.retry(),
            none.http(),
            none.durableTask(),
            none.logLevels(),
            Map.of("queues", section),
            none.warnings()),
        "queues");
  }
}
