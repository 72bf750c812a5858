package dev.perdure.trigger.sql.connect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MoneyTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "$1.00|-$1,234.50|-1234.50",
        "1,00 \u20ac|-1.234.567,89 \u20ac|-1234567.89",
        "CHF 1.00|CHF-1'234.50|-1234.50",
        "Fr. 1.00|Fr. 0.05|0.05",
        "$1.00|($1,234.50)|-1234.50",
        "1,00 kr|\u22121 234,50 kr|-1234.50",
        "1,00 kr.|1.234,50 kr.|1234.50",
        "\uffe51|\uffe51,234|1234",
        "BD 1.000|BD 1,234.567|1234.567",
        "100|-5|-0.05",
      })
  void amountsAreReadWhateverTheLocaleOfTheServer(String one, String text, String number) {
    assertThat(Money.of(one).number(text)).isEqualTo(number);
  }
}
