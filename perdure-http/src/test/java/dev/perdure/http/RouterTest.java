package dev.perdure.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RouterTest {

  private static Handler says(String text) {
    return request ->
        CompletableFuture.completedFuture(Response.text(200, text + request.values()));
  }

  private static Response ask(Router router, String method, String path) {
    return router.handle(Request.of(method, path)).toCompletableFuture().join();
  }

  private static final Router ROUTER =
      Router.builder()
          .page("/health", says("health"))
          .route(Set.of("post"), "api/{name}", says("post"))
          .route(Set.of("GET"), "api/{name}", says("get"))
          .below("/hooks/durable", says("hook"))
          .route(Set.of(), "api/{*rest}", says("any"))
          .build();

  @Test
  void theFirstRouteThatMatchesWins() {
    assertThat(ask(ROUTER, "GET", "/health").body().text()).isEqualTo("health{}");
    assertThat(ask(ROUTER, "POST", "/api/x?a=b").body().text()).isEqualTo("post{name=x}");
    assertThat(ask(ROUTER, "GET", "/api/x").body().text()).isEqualTo("get{name=x}");
    assertThat(ask(ROUTER, "PUT", "/api/x/y").body().text()).isEqualTo("any{rest=x/y}");
    assertThat(ask(ROUTER, "DELETE", "/Hooks/durable/a/b").body().text())
        .isEqualTo("hook{below=a/b}");
  }

  @Test
  void headGoesToWhoTakesGetUnlessSomebodyTakesHead() {
    Router router =
        Router.builder()
            .route(Set.of("GET", "POST"), "a", says("get"))
            .route(Set.of("GET"), "b", says("get"))
            .route(Set.of("HEAD"), "b", says("head"))
            .route(Set.of("POST"), "c", says("post"))
            .build();

    assertThat(ask(router, "HEAD", "/a").body().text()).isEqualTo("get{}");
    assertThat(ask(router, "HEAD", "/b").body().text()).isEqualTo("head{}");
    assertThat(ask(router, "HEAD", "/c").status()).isEqualTo(405);
    assertThat(ask(router, "HEAD", "/c").headers().first("Allow")).isEqualTo("POST");
    assertThat(ask(router, "PUT", "/a").headers().first("Allow")).isEqualTo("GET, HEAD, POST");
    assertThat(ask(router, "HEAD", "/d").status()).isEqualTo(404);
  }

  @Test
  void aPathOfNobodyIsNotFound() {
    assertThat(ask(ROUTER, "GET", "/other").status()).isEqualTo(404);
  }

  @Test
  void aMethodThatIsNotTakenIsToldSo() {
    Response response = ask(ROUTER, "POST", "/health");
    assertThat(response.status()).isEqualTo(405);
    assertThat(response.headers().first("allow")).isEqualTo("GET, HEAD");
  }

  @Test
  void whatNobodyTakesGoesToTheLast() {
    Router router = Router.builder().otherwise(says("last")).build();
    assertThat(ask(router, "GET", "/x").body().text()).isEqualTo("last{}");
  }
}
