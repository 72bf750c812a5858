package dev.perdure.functions.invoke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.gson.reflect.TypeToken;
import com.microsoft.azure.functions.HttpRequestMessage;
import dev.perdure.api.Payload;
import dev.perdure.functions.trigger.Value;
import dev.perdure.http.Request;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of values from outside: the table of the Java worker of Azure Functions. */
class ConversionTest {
  private static final Type TEXTS = new TypeToken<List<String>>() {}.getType();
  private static final Type LONGS = new TypeToken<List<Long>>() {}.getType();
  private static final Type ITEMS = new TypeToken<List<Item>>() {}.getType();
  private static final Type ANY = new TypeToken<List<?>>() {}.getType();
  private static final Type MAYBE_TEXT = new TypeToken<Optional<String>>() {}.getType();
  private static final Type MAYBE_ITEM = new TypeToken<Optional<Item>>() {}.getType();

  /** What apps have. */
  record Item(String name, int count) {}

  /** One of a few. */
  enum Color {
    RED
  }

  private static Value text(String text) {
    return new Value.Text(text);
  }

  private static Value json(String json) {
    return new Value.Json(json);
  }

  private static Value bytes(String text) {
    return new Value.Bytes(Payload.of(text));
  }

  private static Value texts(String... texts) {
    return new Value.Texts(List.of(texts));
  }

  private static Value manyBytes() {
    return new Value.ManyBytes(List.of(Payload.of("ab"), Payload.of("c")));
  }

  private static Value numbers(Number... numbers) {
    return new Value.Numbers(List.of(numbers));
  }

  static Stream<Arguments> whatFits() {
    return Stream.of(
        arguments(text("plain"), String.class, "plain"),
        arguments(text("\"quoted\""), String.class, "\"quoted\""),
        arguments(text("plain"), Object.class, "plain"),
        arguments(text("plain"), CharSequence.class, "plain"),
        arguments(text("42"), int.class, 42),
        arguments(text("-42"), Integer.class, -42),
        arguments(text("42"), long.class, 42L),
        arguments(text("42"), Short.class, (short) 42),
        arguments(text("42"), byte.class, (byte) 42),
        arguments(text("0.5"), float.class, 0.5f),
        arguments(text("0.5"), Double.class, 0.5),
        arguments(text("true"), boolean.class, true),
        arguments(text("\"RED\""), Color.class, Color.RED),
        arguments(text("{\"name\":\"a\",\"count\":1,\"more\":2}"), Item.class, new Item("a", 1)),
        arguments(text("{\"Name\":\"a\"}"), Item.class, new Item(null, 0)),
        arguments(text("{\"a\":\"b\"}"), Map.class, Map.of("a", "b")),
        arguments(text("[1,2]"), int[].class, new int[] {1, 2}),
        arguments(text("[\"a\",\"b\"]"), TEXTS, List.of("a", "b")),
        arguments(text("[1]"), LONGS, List.of(1L)),
        arguments(text("ä"), byte[].class, "ä".getBytes(StandardCharsets.UTF_8)),
        // JSON
        arguments(json("\"Tokyo\""), String.class, "\"Tokyo\""),
        arguments(json("\"Tokyo\""), Object.class, "Tokyo"),
        arguments(json("{\"a\": 1}"), String.class, "{\"a\": 1}"),
        arguments(json("42"), int.class, 42),
        arguments(
            json("[\"a\",{\"b\":1},2,null]"), TEXTS, Arrays.asList("a", "{\"b\":1}", "2", null)),
        arguments(json("[\"a\",{\"b\":1}]"), String[].class, new String[] {"a", "{\"b\":1}"}),
        arguments(json("{\"name\":\"a\",\"count\":1}"), Item.class, new Item("a", 1)),
        arguments(json("[{\"name\":\"a\"}]"), ITEMS, List.of(new Item("a", 0))),
        arguments(json("[{\"name\":\"a\"}]"), Item[].class, new Item[] {new Item("a", 0)}),
        arguments(json("[\"a\"]"), new TypeToken<Collection<String>>() {}.getType(), List.of("a")),
        arguments(
            json("[\"a\"]"),
            new TypeToken<java.util.LinkedList<String>>() {}.getType(),
            new java.util.LinkedList<>(List.of("a"))),
        // JSON whose strings are taken as plain text
        arguments(new Value.Json("\"Tokyo\"", true), String.class, "Tokyo"),
        arguments(new Value.Json("{\"a\":1}", true), String.class, "{\"a\":1}"),
        arguments(new Value.Json("42", true), String.class, "42"),
        // bytes
        arguments(bytes("ab"), byte[].class, new byte[] {'a', 'b'}),
        arguments(bytes("ab"), Byte[].class, new Byte[] {'a', 'b'}),
        arguments(bytes("ab"), String.class, "ab"),
        arguments(bytes("{\"name\":\"a\"}"), Item.class, new Item("a", 0)),
        // several
        arguments(texts("a", "b"), TEXTS, List.of("a", "b")),
        arguments(texts("a"), List.class, List.of("a")),
        arguments(texts("a"), ANY, List.of("a")),
        arguments(texts("a"), String[].class, new String[] {"a"}),
        arguments(texts(), TEXTS, List.of()),
        arguments(numbers(1L, 2L), LONGS, List.of(1L, 2L)),
        arguments(numbers(1L, 2L), long[].class, new long[] {1, 2}),
        arguments(numbers(0.5), Double[].class, new Double[] {0.5}),
        arguments(manyBytes(), byte[][].class, new byte[][] {{'a', 'b'}, {'c'}}),
        arguments(manyBytes(), Byte[][].class, new Byte[][] {{'a', 'b'}, {'c'}}),
        // perhaps nothing
        arguments(text("a"), MAYBE_TEXT, Optional.of("a")),
        arguments(text("{\"name\":\"a\"}"), MAYBE_ITEM, Optional.of(new Item("a", 0))),
        arguments(Value.NOTHING, MAYBE_TEXT, Optional.empty()),
        arguments(Value.NOTHING, String.class, null),
        arguments(Value.NOTHING, Integer.class, null),
        arguments(Value.NOTHING, TEXTS, null));
  }

  @ParameterizedTest
  @MethodSource("whatFits")
  void valuesBecomeParameters(Value value, Type type, Object expected) {
    assertThat(Conversion.to(value, type)).isEqualTo(expected);
  }

  static Stream<Arguments> whatDoesNotFit() {
    return Stream.of(
        arguments(text("secret"), int.class, "The text is not a int."),
        arguments(text("4.2"), Integer.class, "The text is not a Integer."),
        arguments(text("300"), byte.class, "The text is not a byte."),
        arguments(text(""), long.class, "The text is not a long."),
        arguments(text(""), boolean.class, "There is no value, and a boolean must have one."),
        arguments(text("secret"), Item.class, "The JSON does not fit"),
        arguments(text("{\"count\":\"secret\"}"), Item.class, "The JSON does not fit"),
        arguments(json("{\"a\":\"secret\"}"), TEXTS, "The JSON is not an array."),
        arguments(json("secret["), TEXTS, "It is not JSON."),
        arguments(json("\"secret\""), int.class, "The JSON does not fit"),
        arguments(texts("secret"), String.class, "a java.lang.String takes one"),
        arguments(texts("secret"), LONGS, "Several values of the type String cannot become"),
        arguments(texts("secret"), ITEMS, "Several values of the type String cannot become"),
        arguments(texts("secret"), int[].class, "Several values of the type String cannot become"),
        arguments(numbers(1L), int[].class, "Several values of the type Number cannot become"),
        arguments(manyBytes(), TEXTS, "Several values of the type byte[] cannot become"),
        arguments(Value.NOTHING, int.class, "There is no value, and a int must have one."));
  }

  @ParameterizedTest
  @MethodSource("whatDoesNotFit")
  void whatDoesNotFitIsSaidWithoutTheValue(Value value, Type type, String message) {
    assertThatThrownBy(() -> Conversion.to(value, type))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("secret");
  }

  @Test
  void severalByteArraysBecomeLists() {
    assertThat((List<?>) Conversion.to(manyBytes(), new TypeToken<List<byte[]>>() {}.getType()))
        .satisfiesExactly(
            first -> assertThat(first).isEqualTo(new byte[] {'a', 'b'}),
            second -> assertThat(second).isEqualTo(new byte[] {'c'}));
    assertThat((List<?>) Conversion.to(manyBytes(), new TypeToken<List<Byte[]>>() {}.getType()))
        .satisfiesExactly(
            first -> assertThat(first).isEqualTo(new Byte[] {'a', 'b'}),
            second -> assertThat(second).isEqualTo(new Byte[] {'c'}));
  }

  // ---- requests -------------------------------------------------------------------------------

  private static Value request(String type, String body) {
    return request(type, Payload.of(body));
  }

  private static Value request(String type, Payload body) {
    return new Value.Http(
        Request.of("POST", "/api/x").withHeader("Content-Type", type).withBody(body),
        URI.create("http://localhost/api/x"));
  }

  private static Object body(Value request, TypeToken<?> type) {
    return ((HttpRequestMessage<?>) Conversion.to(request, type.getType())).getBody();
  }

  @Test
  void theBodyOfARequestFollowsItsOwnType() {
    Value json = request("application/json", "{\"name\":\"a\",\"count\":2}");

    assertThat(body(json, new TypeToken<HttpRequestMessage<Item>>() {}))
        .isEqualTo(new Item("a", 2));
    assertThat(body(json, new TypeToken<HttpRequestMessage<String>>() {}))
        .isEqualTo("{\"name\":\"a\",\"count\":2}");
    assertThat(body(json, new TypeToken<HttpRequestMessage<Optional<Item>>>() {}))
        .isEqualTo(Optional.of(new Item("a", 2)));
    assertThat(body(json, new TypeToken<HttpRequestMessage<?>>() {})).isInstanceOf(String.class);
    assertThat(body(json, TypeToken.get(HttpRequestMessage.class))).isInstanceOf(String.class);
    assertThat(Conversion.to(json, Item.class)).isEqualTo(new Item("a", 2));
    assertThat(Conversion.to(json, String.class)).isEqualTo("{\"name\":\"a\",\"count\":2}");
  }

  @Test
  void bytesAndFormsAreBytes() {
    for (String type : List.of("application/octet-stream", "multipart/form-data; boundary=x")) {
      assertThat(body(request(type, "ab"), new TypeToken<HttpRequestMessage<?>>() {}))
          .isEqualTo(new byte[] {'a', 'b'});
      assertThat(body(request(type, "ab"), new TypeToken<HttpRequestMessage<String>>() {}))
          .isEqualTo("ab");
    }
  }

  /** None of these is text of UTF-8. */
  @Test
  void whoeverWantsBytesGetsThoseThatWereSentWhateverTheirType() {
    byte[] sent = {(byte) 0xff, (byte) 0xd8, 0, (byte) 0xe4};
    for (String type : List.of("image/jpeg", "application/json", "text/plain; charset=latin1")) {
      Value request = request(type, Payload.of(sent));

      assertThat(body(request, new TypeToken<HttpRequestMessage<byte[]>>() {})).isEqualTo(sent);
      assertThat(
              (Optional<?>) body(request, new TypeToken<HttpRequestMessage<Optional<byte[]>>>() {}))
          .hasValueSatisfying(body -> assertThat(body).isEqualTo(sent));
      assertThat(Conversion.to(request, byte[].class)).isEqualTo(sent);
      assertThat(Conversion.to(request, Byte[].class)).isEqualTo(new Byte[] {-1, -40, 0, -28});
      assertThat(Conversion.to(request, ByteBuffer.class)).isEqualTo(ByteBuffer.wrap(sent));
    }
    assertThat(body(request("image/png", ""), new TypeToken<HttpRequestMessage<byte[]>>() {}))
        .isNull();
  }

  @Test
  void noBodyIsNothing() {
    Value empty = request("text/plain", "");

    assertThat(body(empty, new TypeToken<HttpRequestMessage<Optional<String>>>() {}))
        .isEqualTo(Optional.empty());
    assertThat(body(empty, new TypeToken<HttpRequestMessage<String>>() {})).isNull();
  }

  @Test
  void otherCharactersAreRead() {
    Value latin =
        new Value.Http(
            Request.of("POST", "/")
                .withHeader("Content-Type", "text/plain; charset=ISO-8859-1")
                .withBody(Payload.of("ä".getBytes(StandardCharsets.ISO_8859_1))),
            URI.create("http://localhost/"));

    assertThat(Conversion.to(latin, String.class)).isEqualTo("ä");
  }
}
