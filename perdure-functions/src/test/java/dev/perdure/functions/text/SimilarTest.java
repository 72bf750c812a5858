package dev.perdure.functions.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SimilarTest {
  private static final List<String> KNOWN = List.of("functionTimeout", "functions", "retry");

  @Test
  void asksForWhatIsClose() {
    assertThat(Similar.didYouMean("functionTimeOut", KNOWN))
        .isEqualTo(" Did you mean 'functionTimeout'?");
    assertThat(Similar.didYouMean("fucntions", KNOWN)).isEqualTo(" Did you mean 'functions'?");
    assertThat(Similar.didYouMean("retries", KNOWN)).isEmpty();
    assertThat(Similar.didYouMean("retryy", KNOWN)).isEqualTo(" Did you mean 'retry'?");
  }

  @Test
  void asksForWhatIsAbbreviated() {
    assertThat(Similar.didYouMean("Func", KNOWN)).isEqualTo(" Did you mean 'functionTimeout'?");
    assertThat(Similar.didYouMean("fu", KNOWN)).isEmpty();
  }

  @Test
  void doesNotAskForWhatIsNot() {
    assertThat(Similar.didYouMean("x", KNOWN)).isEmpty();
    assertThat(Similar.didYouMean("logging", KNOWN)).isEmpty();
    assertThat(Similar.didYouMean("retry", List.of())).isEmpty();
  }
}
