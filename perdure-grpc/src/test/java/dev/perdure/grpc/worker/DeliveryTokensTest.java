package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryTokensTest {
  private final DeliveryTokens tokens = new DeliveryTokens("a1");

  @ParameterizedTest
  @ValueSource(longs = {1, 9, 10, 123_456, 999_999_999_999_999_999L})
  void aTokenLeadsToItsDelivery(long number) {
    assertThat(tokens.number(tokens.of(number))).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a1",
        "a1-",
        "a1-0",
        "a1-01",
        "a1-+1",
        "a1--1",
        "a1-1 ",
        "a1-x",
        "a1-1x",
        "a1-٣",
        "b1-1",
        "A1-1",
        "xa1-1",
        "a1-9999999999999999999"
      })
  void whatIsNoTokenLeadsToNone(String text) {
    assertThat(tokens.number(text)).isZero();
  }

  @Test
  void theTokenOfAnotherPoolLeadsToNone() {
    assertThat(tokens.number(new DeliveryTokens("a2").of(1))).isZero();
  }
}
