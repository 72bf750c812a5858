package dev.perdure.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  @Test
  void headersHaveTheSameOrderInEveryProcess() {
    Map<String, List<String>> headers =
        Map.of("e", List.of(), "d", List.of(), "c", List.of(), "b", List.of(), "a", List.of());
    assertThat(new DurableHttpResponse(200, headers, null).headers().keySet())
        .containsExactly("a", "b", "c", "d", "e");
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

  @Test
  void headersStayAsTheyWereWhenTheRequestWasMade() {
    List<String> values = new ArrayList<>(List.of("a"));
    DurableHttpRequest request =
        new DurableHttpRequest(
            "get",
            URI.create("http://host"),
            Map.of("Accept", values),
            null,
            true,
            DurableHttpRequest.DEFAULT_TIMEOUT,
            null);
    DurableHttpResponse response = new DurableHttpResponse(200, Map.of("accept", values), null);

    values.add("b");

    assertThat(request.headers()).isEqualTo(Map.of("Accept", List.of("a")));
    assertThat(response.headers()).isEqualTo(Map.of("accept", List.of("a")));
  }
}
