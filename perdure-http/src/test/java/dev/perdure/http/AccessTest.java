package dev.perdure.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

  @Test
  void keysOfAFileCountAsSoonAsTheyAreThere(@TempDir Path directory) throws IOException {
    KeyFile file = KeyFile.open(directory.resolve("keys"));
    Access access = Access.byKeysOf(file, name -> name.startsWith("host/"));
    file.set("host/one", "the-first-key-of-all");
    file.set("other", "the-key-of-something-else");

    assertThat(refused(access, withKey("the-first-key-of-all"))).isZero();
    assertThat(refused(access, withKey("the-key-of-something-else"))).isEqualTo(401);

    file.set("host/two", "the-second-key-of-all");
    assertThat(refused(access, withKey("the-second-key-of-all"))).isZero();
    file.remove("host/one");
    assertThat(refused(access, withKey("the-first-key-of-all"))).isEqualTo(401);
    file.remove("host/two");
    assertThat(refused(access, withKey("the-second-key-of-all"))).isEqualTo(401);
    assertThat(refused(access, REQUEST)).isEqualTo(401);
  }

  private static Request withKey(String key) {
    return REQUEST.withHeader("x-functions-key", key);
  }

  @Test
  void somePagesFromElsewhereMayBeLetIn() {
    Access access = Access.local("https://app.example"::equals);
    Request local = REQUEST.withHeader("Host", "localhost:7071");

    assertThat(refused(access, local.withHeader("Origin", "https://app.example"))).isZero();
    assertThat(refused(access, local.withHeader("Origin", "https://evil.example"))).isEqualTo(403);
  }
}
