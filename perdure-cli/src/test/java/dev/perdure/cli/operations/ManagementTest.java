package dev.perdure.cli.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.Payload;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** How lists are read page by page, and what is made of answers that nobody expects. */
class ManagementTest {
  private static final InstanceFilter ALL = new InstanceFilter(Set.of(), null, null, null, null);

  private final Deque<Response> answers = new ArrayDeque<>();
  private final List<Request> requests = new ArrayList<>();

  private final Management hub =
      new Management(
          new Host() {
            @Override
            public Response send(Request request) {
              requests.add(request);
              return answers.remove();
            }

            @Override
            public void close() {}

            @Override
            public String toString() {
              return "a server";
            }
          },
          "orders");

  private void page(String token, String... ids) {
    String json =
        Arrays.stream(ids)
            .map("{\"instanceId\":\"%s\"}"::formatted)
            .collect(Collectors.joining(",", "[", "]"));
    answers.add(Response.json(200, Payload.of(json)).withHeader(Management.TOKEN_HEADER, token));
  }

  private static List<String> ids(Management.Listing listing) {
    return listing.items().stream().map(item -> Json.text(item, "instanceId")).toList();
  }

  @Test
  void allPagesAreRead() throws Exception {
    page("o1", "a", "b");
    page("o2"); // pages may be empty, and others follow
    page("", "c");
    Management.Listing listing = hub.instances(ALL, 100);
    assertThat(ids(listing)).containsExactly("a", "b", "c");
    assertThat(listing.more()).isFalse();
    assertThat(requests)
        .extracting(r -> r.headers().first(Management.TOKEN_HEADER))
        .containsExactly(null, "o1", "o2");
    assertThat(requests)
        .allSatisfy(r -> assertThat(r.query().first("taskHub")).isEqualTo("orders"));
  }

  @Test
  void noMoreIsReadThanWasAskedFor() throws Exception {
    page("o1", "a", "b");
    page("o2", "c", "d");
    Management.Listing listing = hub.instances(ALL, 3);
    assertThat(ids(listing)).containsExactly("a", "b", "c");
    assertThat(listing.more()).isTrue();
    assertThat(requests).extracting(r -> r.query().first("top")).containsExactly("4", "2");
  }

  @Test
  void theEntitiesAfterTheOrchestrationsAreNotRead() throws Exception {
    page("e1", "a", "@counter@x");
    Management.Listing listing = hub.instances(ALL, 1);
    assertThat(ids(listing)).containsExactly("a");
    assertThat(listing.more()).isFalse();
    assertThat(requests).hasSize(1);
  }

  @Test
  void answersThatAreNotOfTheApiAreToldOf() {
    answers.add(Response.text(200, "<html>"));
    assertThatThrownBy(() -> hub.status("x"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("The answer of a server is not JSON");
    answers.add(Response.text(502, "Bad gateway"));
    assertThatThrownBy(() -> hub.status("x"))
        .hasMessageContaining("a server answered 502, and not as the HTTP API");
  }
}
