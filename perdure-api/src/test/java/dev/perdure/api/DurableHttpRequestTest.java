package dev.perdure.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurableHttpRequestTest {

  @Test
  void showsWhereItGoesAndNothingThatMayBeASecret() {
    URI address = URI.create("https://user:secret@host:8443/a%20b?token=secret#secret");
    assertThat(DurableHttpRequest.postJson(address, "secret"))
        .hasToString("DurableHttpRequest[POST https://host:8443/a%20b]");
    assertThat(DurableHttpRequest.get(URI.create("http://u:secret@odd_host/x")).toString())
        .isEqualTo("DurableHttpRequest[GET http://.../x]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://user:secret@host/x?secret",
        "x?token=secret",
        "data:secret",
        "//u:secret@h"
      })
  void anAddressThatWillNotDoIsNamedWithoutSecrets(String address) {
    assertThatThrownBy(() -> DurableHttpRequest.get(URI.create(address)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not an absolute http or https address")
        .hasMessageNotContaining("secret");
  }
}
