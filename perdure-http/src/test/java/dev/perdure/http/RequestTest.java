package dev.perdure.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.perdure.api.Payload;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestTest {

  @Test
  void segmentsAreDecodedOneByOne() {
    assertThat(Request.of("GET", "//a/b%2Fc/%zz//").segments()).containsExactly("a", "b/c", "%zz");
    assertThat(Request.of("GET", "/a//b").segments()).containsExactly("a", "", "b");
    assertThat(Request.of("GET", "/").segments()).isEmpty();
  }

  @Test
  void parametersOfTheQueryAreDecodedAndTheirNamesHaveNoCase() {
    QueryParameters query =
        Request.of("GET", "/?Task%48ub=a+b%26c&flag&x=1&X=2&=no&&bad=%").query();
    assertThat(query.first("taskhub")).isEqualTo("a b&c");
    assertThat(query.first("flag")).isEmpty();
    assertThat(query.all("x")).containsExactly("1", "2");
    assertThat(query.first("bad")).isEqualTo("%");
    assertThat(query.first("none")).isNull();
    assertThat(Request.of("GET", "/").query().parameters()).isEmpty();
  }

  @Test
  void theMediaTypeIsReadWithoutItsParameters() {
    Request request = Request.of("POST", "/");
    assertThat(request.mediaType()).isNull();
    assertThat(request.withHeader("content-type", "Application/JSON; charset=utf-8").mediaType())
        .isEqualTo("application/json");
  }

  @Test
  void whatIsLoggedShowsNoSecretsAndNoPayloads() {
    Request request =
        Request.of("POST", "/x?code=secret")
            .withHeader("x-functions-key", "secret")
            .withBody(Payload.of("secret"));
    assertThat(request.toString()).isEqualTo("POST /x");
    assertThat(request.headers().toString()).doesNotContain("secret");
    assertThat(request.query().toString()).doesNotContain("secret");
  }

  @Test
  void headersStaySingleLines() {
    assertThatIllegalArgumentException().isThrownBy(() -> Headers.of("Location", "a\r\nX: b"));
    Headers headers = Headers.of("A", "1").with("b", "2").with("a", "3");
    assertThat(headers.fields())
        .isEqualTo(List.of(new Headers.Field("b", "2"), new Headers.Field("a", "3")));
  }

  @Test
  void whatIsEncodedIsOneSegment() {
    assertThat(PercentCoding.encode("@a/b c?ü~_.-")).isEqualTo("%40a%2Fb%20c%3F%C3%BC~_.-");
    assertThat(PercentCoding.decodeSegment("%40a+b%C3%BC")).isEqualTo("@a+bü");
  }
}
