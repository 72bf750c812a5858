package dev.perdure.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
  private static final Request REQUEST = Request.of("GET", "/x");
  private final Access keys = Access.byKey("first-key", "master-key");

  private static int refused(Access access, Request request) {
    Response refusal = access.refusal(request);
    return refusal == null ? 0 : refusal.status();
  }

  @Test
  void aKeyComesInTheHeaderOrInTheQuery() {
    assertThat(refused(keys, REQUEST.withHeader("X-Functions-Key", "first-key"))).isZero();
    assertThat(refused(keys, Request.of("GET", "/x?CODE=master%2Dkey"))).isZero();
  }

  @Test
  void theHeaderCountsIfThereAreBoth() {
    Request both = Request.of("GET", "/x?code=first-key");
    assertThat(refused(keys, both.withHeader("x-functions-key", "wrong"))).isEqualTo(401);
  }

  @Test
  void withoutAKeyOrWithAWrongOneNobodyIsLetIn() {
    assertThat(refused(keys, REQUEST)).isEqualTo(401);
    assertThat(refused(keys, REQUEST.withHeader("x-functions-key", "first-ke"))).isEqualTo(401);
    assertThat(refused(keys, REQUEST.withHeader("x-functions-key", ""))).isEqualTo(401);
    assertThat(keys.refusal(REQUEST).body().size()).isZero();
  }

  @Test
  void noKeysAtAllIsAMistake() {
    assertThatIllegalArgumentException().isThrownBy(Access::byKey);
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:7071", "127.0.0.1", "[::1]:7071", "app.localhost"})
  void locallyEverybodyIsLetIn(String host) {
    assertThat(refused(Access.local(), REQUEST.withHeader("Host", host))).isZero();
  }

  @Test
  void locallyPagesFromElsewhereAreKeptOut() {
    Request local = REQUEST.withHeader("Host", "localhost:7071");
    assertThat(refused(Access.local(), REQUEST.withHeader("Host", "evil.example:7071")))
        .isEqualTo(403);
    assertThat(refused(Access.local(), local.withHeader("Origin", "https://evil.example")))
        .isEqualTo(403);
    assertThat(refused(Access.local(), local.withHeader("Origin", "null"))).isEqualTo(403);
    assertThat(refused(Access.local(), local.withHeader("Origin", "http://localhost:3000")))
        .isZero();
  }
}
