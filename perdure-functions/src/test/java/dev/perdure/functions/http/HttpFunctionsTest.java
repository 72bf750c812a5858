package dev.perdure.functions.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.HttpStatus;
import com.microsoft.azure.functions.HttpStatusType;
import com.microsoft.azure.functions.OutputBinding;
import com.microsoft.azure.functions.annotation.BindingName;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpOutput;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import dev.perdure.functions.TestHost;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What functions see of requests, and callers of results. */
class HttpFunctionsTest {
  private static TestHost host;

  /** What apps have. */
  public record Item(String name, int count) {}

  /** A description of a response. */
  public record Described(int status, Map<String, String> headers, Object body) {}

  /** The app. */
  public static class Functions {
    /** Tells what it sees. */
    @FunctionName("See")
    public static String see(
        @HttpTrigger(
                name = "req",
                methods = {})
            HttpRequestMessage<Optional<String>> request) {
      Map<String, Object> seen = new LinkedHashMap<>();
      seen.put("uri", request.getUri().toString());
      seen.put("method", request.getHttpMethod().name());
      seen.put("headers", request.getHeaders());
      seen.put("query", request.getQueryParameters());
      seen.put("text", request.getBody().orElse(null));
      return new Gson().toJson(seen);
    }

    /** Tells of its metadata. */
    @FunctionName("Know")
    public static String know(
        @HttpTrigger(name = "req", route = "know/{id}") HttpRequestMessage<Optional<String>> req,
        @BindingName("id") String id,
        @BindingName("name") String name,
        @BindingName("tags") String tags,
        @BindingName("Query") Map<String, String> query,
        @BindingName("Headers") Map<String, String> headers) {
      return "%s %s %s %s %s".formatted(id, name, tags, query, headers.get("x-mine"));
    }

    /** Has a parameter of the route with the name of the trigger. */
    @FunctionName("Mixed")
    public static String mixed(
        @HttpTrigger(name = "name", route = "mixed/{name}") HttpRequestMessage<String> request,
        @BindingName("name") String name) {
      return request.getHttpMethod() + " " + name;
    }

    /** Wants a parameter of the query with the name of the trigger. */
    @FunctionName("Named")
    public static String named(
        @HttpTrigger(name = "name") HttpRequestMessage<String> request,
        @BindingName("name") String name) {
      return request.getHttpMethod() + " " + name;
    }

    /** Tells of its trace. */
    @FunctionName("Trace")
    public static String trace(@HttpTrigger(name = "req") String body, ExecutionContext context) {
      return context.getTraceContext().getTraceparent()
          + " "
          + context.getTraceContext().getTracestate();
    }

    /** Wants an item. */
    @FunctionName("Take")
    public static String take(
        @HttpTrigger(name = "req", methods = HttpMethod.POST) HttpRequestMessage<Item> request) {
      return String.valueOf(request.getBody());
    }

    /** Wants bytes. */
    @FunctionName("Bytes")
    public static String bytes(@HttpTrigger(name = "req") HttpRequestMessage<byte[]> request) {
      return request.getBody() == null ? "none" : request.getBody().length + " bytes";
    }

    /** Only reads. */
    @FunctionName("Read")
    public static String read(
        @HttpTrigger(name = "req", methods = HttpMethod.GET) HttpRequestMessage<String> request) {
      return "read by " + request.getHttpMethod();
    }

    /** Answers in some way. */
    @FunctionName("Answer")
    public static HttpResponseMessage answer(
        @HttpTrigger(name = "req", route = "answer/{how}") HttpRequestMessage<String> request,
        @BindingName("how") String how) {
      return switch (how) {
        case "text" -> request.createResponseBuilder(HttpStatus.OK).body("ä").build();
        case "created" ->
            request
                .createResponseBuilder(HttpStatus.CREATED)
                .header("Location", "/items/1")
                .header("content-type", "application/json")
                .body("{}")
                .build();
        case "charset" ->
            request
                .createResponseBuilder(HttpStatus.OK)
                .header("Content-Type", "text/html; charset=us-ascii")
                .body("<p>")
                .build();
        case "object" ->
            request.createResponseBuilder(HttpStatus.OK).body(new Item("a", 1)).build();
        case "bytes" ->
            request.createResponseBuilder(HttpStatus.OK).body(new byte[] {'a', 'b'}).build();
        case "image" ->
            request
                .createResponseBuilder(HttpStatus.OK)
                .header("Content-Type", "image/png")
                .body(new byte[] {'i'})
                .build();
        case "empty" -> request.createResponseBuilder(HttpStatus.NO_CONTENT).build();
        case "custom" -> request.createResponseBuilder(HttpStatusType.custom(209)).body(42).build();
        case "continue" ->
            request.createResponseBuilder(HttpStatusType.custom(100)).body("go on").build();
        case "lines" ->
            request
                .createResponseBuilder(HttpStatus.OK)
                .header("X-Bad", "a\r\nSet-Cookie: b")
                .build();
        default -> null;
      };
    }

    /** Returns something else. */
    @FunctionName("Return")
    public static Object returns(
        @HttpTrigger(name = "req", route = "return/{what}") String body,
        @BindingName("what") String what) {
      return switch (what) {
        case "text" -> "hello";
        case "number" -> 42;
        case "flag" -> true;
        case "bytes" -> new byte[] {'a'};
        case "object" -> new Item("a", 1);
        case "list" -> List.of(1, 2);
        case "ticket" -> Map.of("status", "open", "body", "hello");
        case "item" -> "{\"name\":\"a\"}";
        case "failed" -> "{\"status\":404,\"headers\":{\"X-Tea\":\"pot\"},\"body\":\"nope\"}";
        case "any-case" ->
            "{\"Status\":404,\"StatusCode\":\"202\",\"HEADERS\":{\"X-None\":null},\"Body\":\"any\"}";
        case "envelope" -> "{\"status\":0,\"body\":\"fine\"}";
        case "almost" -> "{body=nope}";
        case "quoted" -> "\"nope\"";
        case "described" -> new Described(418, Map.of("X-Tea", "pot"), "short and stout");
        default -> null;
      };
    }

    /** Returns nothing. */
    @FunctionName("Nothing")
    public static void nothing(@HttpTrigger(name = "req") String body) {}

    /** Answers through an output. */
    @FunctionName("Output")
    public static void output(
        @HttpTrigger(name = "req") String body,
        @HttpOutput(name = "response") OutputBinding<String> response) {
      response.setValue("through the output");
    }

    /** Fails. */
    @FunctionName("Fail")
    public static String fail(@HttpTrigger(name = "req") String body, ExecutionContext context) {
      throw new IllegalStateException("a secret");
    }

    /** Two of them. */
    @FunctionName("Number")
    public static String number(
        @HttpTrigger(name = "req", route = "numbers/{id:int}") String body,
        @BindingName("id") int id) {
      return "number " + (id + 1);
    }

    /** And the other. */
    @FunctionName("Word")
    public static String word(
        @HttpTrigger(name = "req", route = "numbers/{id:alpha}") String body,
        @BindingName("id") String id) {
      return "word " + id;
    }

    /** May do without. */
    @FunctionName("Optional")
    public static String optional(
        @HttpTrigger(name = "req", route = "optional/{id?}") String body,
        @BindingName("id") Optional<String> id) {
      return id.orElse("none");
    }

    /** Is asked for by a segment of several parts. */
    @FunctionName("Picture")
    public static String picture(
        @HttpTrigger(name = "req", route = "pictures/{id:int}-{name}.{type?}") String body,
        @BindingName("id") int id,
        @BindingName("name") String name,
        @BindingName("type") Optional<String> type) {
      return "%d %s %s".formatted(id, name, type.orElse("none"));
    }

    /** With a value if there is none. */
    @FunctionName("Default")
    public static String defaults(
        @HttpTrigger(name = "req", route = "default/{id=5}") String body,
        @BindingName("id") String id) {
      return id;
    }

    /** Takes the rest. */
    @FunctionName("Rest")
    public static String rest(
        @HttpTrigger(name = "req", route = "/rest/{*path}/") String body,
        @BindingName("path") String path) {
      return path;
    }
  }

  @BeforeAll
  static void start(@TempDir Path directory) {
    host = TestHost.start(directory, Functions.class);
    assertThat(host.host.notices()).allMatch(notice -> notice.startsWith("The setting"), "none");
  }

  @AfterAll
  static void close() {
    host.close();
  }

  private static String contentType(HttpResponse<?> response) {
    return response.headers().firstValue("Content-Type").orElse(null);
  }

  // ---- routes ---------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "/api/numbers/41, number 42",
    "/api/Numbers/abc, word abc",
    "/api/numbers/abc/, word abc",
    "/api/optional, none",
    "/api/optional/7, 7",
    "/api/default, 5",
    "/api/default/7, 7",
    "/api/rest/a/b%20c, a/b c",
    "/API/READ, read by GET"
  })
  void routesHaveParametersAndConstraints(String path, String answer) {
    HttpResponse<String> response = host.get(path);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/api/numbers/4x", "/api/numbers", "/api/numbers/1/2", "/api/other", "/Read"})
  void whatNoRouteMatchesIsNotFound(String path) {
    assertThat(host.get(path).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
  void aFunctionWithoutMethodsTakesAll(String method) {
    assertThat(host.send(method, "/api/See", null).statusCode()).isEqualTo(200);
  }

  @Test
  void anotherMethodThanTheFunctionsIsNotAllowed() {
    HttpResponse<String> response = host.post("/api/Read", "");

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD");
    assertThat(host.send("HEAD", "/api/Take", null).statusCode()).isEqualTo(405);
    assertThat(host.send("PROPFIND", "/api/See", null).statusCode()).isEqualTo(405);
  }

  @Test
  void aFunctionThatTakesGetTakesHead() {
    HttpResponse<String> read = host.get("/api/Read");
    HttpResponse<String> head = host.send("HEAD", "/api/Read", null);

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(contentType(head)).isEqualTo(contentType(read));
    assertThat(head.headers().firstValue("Content-Length"))
        .as("the length that the answer to GET would have")
        .contains(String.valueOf("read by GET".length()));
  }

  // ---- what functions see ---------------------------------------------------------------------

  @Test
  void functionsSeeTheRequest() {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://localhost:"
                        + host.host.httpPort()
                        + "/api/See?a=1&a=2&b=%C3%A4+%2B&empty=&code=x"))
            .header("X-Mine", "one")
            .header("X-Mine", "two")
            .POST(BodyPublishers.ofString("hello"))
            .build();

    JsonObject seen = JsonParser.parseString(host.send(request).body()).getAsJsonObject();

    assertThat(seen.get("uri").getAsString()).isEqualTo(request.uri().toString());
    assertThat(seen.get("method").getAsString()).isEqualTo("POST");
    assertThat(seen.get("text").getAsString()).isEqualTo("hello");
    assertThat(seen.get("query").toString())
        .isEqualTo("{\"a\":\"1,2\",\"b\":\"ä +\",\"code\":\"x\"}");
    JsonObject headers = seen.getAsJsonObject("headers");
    assertThat(headers.get("x-mine").getAsString()).isEqualTo("one,two");
    assertThat(headers.get("host").getAsString()).isEqualTo("localhost:" + host.host.httpPort());
  }

  @Test
  void metadataComesFromTheRouteTheQueryAndTheBody() {
    HttpResponse<String> response =
        host.post(
            "/api/know/7?name=query&code=x",
            "{\"id\":\"body\",\"name\":\"body\",\"tags\":[1,\"a\"]}",
            "X-Mine",
            "mine");

    assertThat(response.body()).isEqualTo("7 query [1,\"a\"] {name=query, code=x} mine");
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheBody() {
    String body = "{\"name\":\"ada\",\"tags\":1}";
    assertThat(
            JsonParser.parseString(host.post("/api/See", "\uFEFF" + body).body())
                .getAsJsonObject()
                .get("text")
                .getAsString())
        .isEqualTo(body);
    assertThat(host.post("/api/know/7", "\uFEFF" + body, "X-Mine", "x").body())
        .isEqualTo("7 ada 1 {} x");
  }

  @Test
  void metadataIsReadInTheCharactersOfTheBody() {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://localhost:" + host.host.httpPort() + "/api/know/7"))
            .header("Content-Type", "application/json; charset=iso-8859-1")
            .header("X-Mine", "x")
            .POST(
                BodyPublishers.ofByteArray(
                    "{\"name\":\"ä\",\"tags\":1}".getBytes(StandardCharsets.ISO_8859_1)))
            .build();

    assertThat(host.send(request).body()).isEqualTo("7 ä 1 {} x");
  }

  @Test
  void metadataHasTheLastOfRepeatedParametersAndEmptyOnes() {
    assertThat(host.get("/api/Named?name=ada&name=grace").body()).isEqualTo("GET grace");
    assertThat(host.get("/api/Named?name=").body()).isEqualTo("GET ");
    assertThat(host.get("/api/Named?name").body()).isEqualTo("GET ");
    assertThat(
            host.post("/api/know/7?name=", "{\"name\":\"body\",\"tags\":1}", "X-Mine", "x").body())
        .as("a parameter of the query goes before the body, even if it is empty")
        .isEqualTo("7  1 {name=} x");
  }

  @Test
  void partsOfASegmentAreParametersOfTheirOwn() {
    assertThat(host.get("/api/pictures/7-ada.png").body()).isEqualTo("7 ada png");
    assertThat(host.get("/api/pictures/7-ada").body()).isEqualTo("7 ada none");
    assertThat(host.get("/api/pictures/x-ada.png").statusCode()).isEqualTo(404);
  }

  @Test
  void theNameOfTheTriggerHidesNoParameter() {
    assertThat(host.get("/api/mixed/ada").body()).isEqualTo("GET ada");
    assertThat(host.get("/api/Named?name=ada").body()).isEqualTo("GET ada");
    assertThat(host.post("/api/Named", "the request").body())
        .as("what else has no such name is the request")
        .isEqualTo("POST the request");
  }

  @Test
  void metadataThatIsMissingFailsTheFunction() {
    assertThat(host.get("/api/know/7").statusCode()).isEqualTo(500);
  }

  @Test
  void theTraceIsThatOfTheRequest() {
    String parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    assertThat(host.post("/api/Trace", "", "traceparent", parent, "tracestate", "a=1").body())
        .isEqualTo(parent + " a=1");
    assertThat(host.post("/api/Trace", "", "traceparent", "x", "tracestate", "a=1").body())
        .as("what is not valid counts for nothing")
        .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01 ");
  }

  @Test
  void aBodyWithoutLengthIsRead() {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + host.host.httpPort() + "/api/See"))
            .POST(
                BodyPublishers.ofInputStream(
                    () -> new ByteArrayInputStream("chunks".getBytes(StandardCharsets.UTF_8))))
            .build();

    assertThat(JsonParser.parseString(host.send(request).body()).getAsJsonObject().get("text"))
        .hasToString("\"chunks\"");
  }

  @Test
  void aBodyBecomesWhatTheParameterIs() {
    assertThat(host.post("/api/Take", "{\"name\":\"a\",\"count\":2}").body())
        .isEqualTo("Item[name=a, count=2]");
    assertThat(host.post("/api/Take", "").body()).isEqualTo("null");
    assertThat(host.post("/api/Bytes", "ab", "Content-Type", "application/octet-stream").body())
        .isEqualTo("2 bytes");
    assertThat(host.post("/api/Bytes", "").body()).isEqualTo("none");
  }

  @Test
  void aBodyThatDoesNotFitIsTheCallersMistake() {
    HttpResponse<String> response = host.post("/api/Take", "{\"name\":[\"a secret\"]}");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body())
        .startsWith("Parameter 1 of function 'Take'")
        .contains("The JSON does not fit")
        .contains("line 1")
        .doesNotContain("a secret");
    assertThat(host.post("/api/Take", "a secret").statusCode()).isEqualTo(400);
  }

  /** As browsers send them, though the class URI takes them only as codes. */
  @Test
  void anAddressMayHoldBracesAndTheLike() throws IOException {
    try (Socket socket = new Socket("localhost", host.host.httpPort())) {
      socket
          .getOutputStream()
          .write(
              "GET /api/See?q=a|{b}^&r=%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer)
          .startsWith("HTTP/1.1 200")
          .contains("/api/See?q\\u003da%7C%7Bb%7D%5E\\u0026r\\u003d%25zz")
          .contains("\"q\":\"a|{b}^\"");
    }
  }

  @Test
  void aBodyThatIsTooLargeIsRefused() throws IOException {
    try (Socket socket = new Socket("localhost", host.host.httpPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /api/See HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                  + "Content-Length: 104857601\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      InputStream in = socket.getInputStream();
      String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 413").contains("larger than 104857600 bytes");
    }
  }

  // ---- what callers get -----------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "answer/text    | 200 | text/plain; charset=utf-8       | ä",
        "answer/created | 201 | application/json; charset=utf-8 | {}",
        "answer/charset | 200 | text/html; charset=us-ascii     | <p>",
        "answer/bytes   | 200 | -                               | ab",
        "answer/image   | 200 | image/png                       | i",
        "answer/empty   | 204 | -                               | ''",
        "answer/custom  | 209 | text/plain; charset=utf-8       | 42",
        "answer/continue | 500 | -                              | ''",
        "answer/null    | 200 | -                               | ''",
        "return/text    | 200 | text/plain; charset=utf-8       | hello",
        "return/number  | 200 | text/plain; charset=utf-8       | 42",
        "return/flag    | 200 | text/plain; charset=utf-8       | true",
        "return/bytes   | 200 | -                               | a",
        "return/described | 418 | text/plain; charset=utf-8     | short and stout",
        "return/failed  | 404 | text/plain; charset=utf-8       | nope",
        "return/any-case | 202 | text/plain; charset=utf-8      | any",
        "return/item     | 200 | text/plain; charset=utf-8      | {\"name\":\"a\"}",
        "return/envelope | 200 | text/plain; charset=utf-8      | {\"status\":0,\"body\":\"fine\"}",
        "return/almost   | 200 | text/plain; charset=utf-8      | {body=nope}",
        "return/quoted   | 200 | text/plain; charset=utf-8      | '\"nope\"'",
        "return/null    | 200 | -                               | ''",
        "Nothing        | 200 | -                               | ''",
        "Output         | 200 | text/plain; charset=utf-8       | through the output"
      })
  void callersGetWhatTheFunctionGives(String path, int status, String type, String body) {
    HttpResponse<String> response = host.get("/api/" + path);

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(contentType(response)).isEqualTo(type);
    assertThat(response.body().strip()).isEqualTo(body.strip());
  }

  @Test
  void objectsAreIndentedJsonInPlainText() {
    for (String path : List.of("/api/answer/object", "/api/return/object")) {
      HttpResponse<String> response = host.get(path);

      assertThat(response.body()).isEqualTo("{\n  \"name\": \"a\",\n  \"count\": 1\n}");
      assertThat(contentType(response)).isEqualTo("text/plain; charset=utf-8");
    }
    assertThat(host.get("/api/return/ticket").body()).contains("\"status\": \"open\"", "hello");
    assertThat(host.get("/api/return/list").body()).isEqualTo("[\n  1,\n  2\n]");
  }

  @Test
  void headersAreSent() {
    assertThat(host.get("/api/answer/created").headers().firstValue("Location"))
        .contains("/items/1");
    assertThat(host.get("/api/return/described").headers().firstValue("X-Tea")).contains("pot");
    assertThat(host.get("/api/return/failed").headers().firstValue("X-Tea")).contains("pot");
  }

  @Test
  void aFunctionThatFailsTellsItsCallerNothing() {
    HttpResponse<String> response = host.get("/api/Fail");

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).isEmpty();
  }

  @Test
  void aHeaderCannotHoldAnother() {
    HttpResponse<String> response = host.get("/api/answer/lines");

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
  }
}
