package dev.perdure.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.perdure.api.DataConversionException;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.Payload;
import dev.perdure.api.TypeRef;
import java.io.InputStream;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.PropertyNamingStrategies;

class JacksonDataConverterTest {

  enum Color {
    RED,
    GREEN
  }

  record Line(String item, int count, Color color, Instant at) {}

  record Order(List<Line> lines, Map<String, Integer> stock) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  sealed interface Shape {}

  record Circle(double radius) implements Shape {}

  record Checked(int amount) {
    Checked {
      if (amount < 0) {
        throw new IllegalArgumentException("not an amount: " + amount);
      }
    }
  }

  private final JacksonDataConverter converter = new JacksonDataConverter();

  private Object read(String json, Type type) {
    return converter.fromPayload(Payload.of(json), type);
  }

  @Test
  void aLambdaIsRefusedWithWhatItIs() {
    Runnable code = () -> {};
    assertThatThrownBy(() -> new JacksonDataConverter().toPayload(code))
        .isInstanceOf(DataConversionException.class)
        .hasMessageContaining("Cannot write a lambda")
        .hasMessageContaining("it is code. Pass a value")
        .hasNoCause();
  }

  @Nested
  class OtherVersionsOfTheProgram {

    @Test
    void propertiesThatTheTypeDoesNotHaveAreIgnored() {
      assertThat(read("{\"item\":\"tea\",\"added\":{\"later\":[1]},\"count\":2}", Line.class))
          .isEqualTo(new Line("tea", 2, null, null));
    }

    @Test
    void propertiesThatThePayloadDoesNotHaveAreNullOrZero() {
      assertThat(read("{\"item\":\"tea\"}", Line.class)).isEqualTo(new Line("tea", 0, null, null));
      assertThat(read("{\"count\":null}", Line.class)).isEqualTo(new Line(null, 0, null, null));
    }

    @Test
    void aNumberMayBecomeATextAndATextOfANumberANumber() {
      assertThat(read("5", String.class)).isEqualTo("5");
      assertThat(read("\"5\"", Integer.class)).isEqualTo(5);
    }

    @Test
    void nothingIsLostSilently() {
      assertRefused("1.5", Integer.class, "a number with a fraction", "java.lang.Integer");
      assertRefused("\"\"", Integer.class, "a text");
      assertRefused("1", Color.class, "Color");
      assertRefused("1 2", Integer.class, "something follows");
    }
  }

  @Nested
  class ReadingNothing {

    @Test
    void voidIsNullWhateverThePayloadHolds() {
      assertThat(read("{\"not\":", Void.class)).isNull();
      assertThat(read("", void.class)).isNull();
    }

    @Test
    void nullIsNullForPrimitivesToo() {
      assertThat(read("null", int.class)).isNull();
      assertThat(read(" null ", Order.class)).isNull();
    }

    @Test
    void aPayloadWithoutBytesIsRefused() {
      assertRefused("", String.class, "java.lang.String", "it is empty");
    }
  }

  @Nested
  class RefusedPayloads {

    @Test
    void nameTypePathAndPosition() {
      assertRefused(
          "{\"lines\":[{\"item\":\"a\",\"count\":1},{\"item\":\"b\",\"count\":{}}]}",
          Order.class,
          "Cannot read a payload as " + Order.class.getName(),
          "an object is where int is wanted",
          "at $.lines[1].count (line 1, column 54)",
          "It was written for another type");
    }

    @Test
    void nameTheConstantsOfAnEnum() {
      assertRefused(
          "{\"color\":\"secret\"}", Line.class, "not the name of a constant", "(RED, GREEN)");
    }

    @Test
    void nameGenericTypesInFull() {
      assertRefused(
          "{\"a\":[true]}",
          new TypeRef<Map<String, List<Integer>>>() {}.type(),
          "java.util.Map<java.lang.String, java.util.List<java.lang.Integer>>",
          "a boolean is where");
    }

    @Test
    void nameTheClassWhoseConstructorRefused() {
      assertRefused(
          "{\"amount\":-271828}",
          Checked.class,
          "Checked refused its values (java.lang.IllegalArgumentException)");
    }

    static class NoConstructor {
      private final String field;

      private NoConstructor(String field) {
        this.field = field;
      }
    }

    @Test
    void sayWhatAClassNeedsToBeRead() {
      assertRefused("{\"field\":\"x\"}", NoConstructor.class, "Use a record");
      assertRefused("{}", Runnable.class, "java.lang.Runnable", "abstract");
    }

    static List<Arguments> payloadsThatHoldSecrets() {
      Type stock = new TypeRef<Map<String, Integer>>() {}.type();
      Type byColor = new TypeRef<Map<Color, Integer>>() {}.type();
      return List.of(
          Arguments.of("\"secret\"", int.class),
          Arguments.of("secret", String.class),
          Arguments.of("\"secret", String.class),
          Arguments.of("\"secret\u0001\"", String.class),
          Arguments.of("[1,\"secret\"]", new TypeRef<List<Integer>>() {}.type()),
          Arguments.of("{\"secret\":\"secret\"}", stock),
          Arguments.of("{\"secret\":1}", byColor),
          Arguments.of("{\"count\":\"secret\"}", Line.class),
          Arguments.of("{\"color\":\"secret\"}", Line.class),
          Arguments.of("{\"at\":\"secret\"}", Line.class),
          Arguments.of("{\"lines\":\"secret\"}", Order.class),
          Arguments.of("{\"lines\":[\"secret\"]}", Order.class),
          Arguments.of("{\"stock\":{\"secret\":{\"secret\":1}}}", Order.class),
          Arguments.of("{\"kind\":\"secret\"}", Shape.class),
          Arguments.of("{\"secret\":\"secret\"}", Shape.class),
          Arguments.of("{\"secret\":secret}", Object.class),
          Arguments.of("{\"secret\":1 \"secret\"}", Object.class),
          Arguments.of("{\"a\":'secret'}", Object.class),
          Arguments.of("\"token `JsonToken.secret`\"", Order.class),
          Arguments.of("\"secret\"", Class.class),
          Arguments.of("\"secret secret\"", java.net.URI.class),
          Arguments.of("\"secret\"", java.util.UUID.class),
          Arguments.of("\"secret\"", byte[].class),
          Arguments.of("\"secret\"", java.math.BigDecimal.class),
          Arguments.of("\"secret\"", java.util.Currency.class),
          Arguments.of("\"secret\"", java.time.ZoneId.class),
          Arguments.of("\"secret\"", boolean.class),
          Arguments.of("271828271828271828", int.class),
          Arguments.of("{\"amount\":-271828}", Checked.class),
          Arguments.of("271828.5", int.class),
          Arguments.of("271828x", int.class),
          Arguments.of("\"secret\"", Checked.class),
          Arguments.of("[".repeat(600) + "\"secret\"", Object.class));
    }

    @ParameterizedTest
    @MethodSource("payloadsThatHoldSecrets")
    void areNeverQuotedNotEvenInCausesOrWhatIsRecordedOfThem(String json, Type type) {
      assertThatThrownBy(() -> read(json, type))
          .isInstanceOf(DataConversionException.class)
          .hasMessageContaining("Cannot read a payload as " + type.getTypeName())
          .satisfies(JacksonDataConverterTest::quotesNothing);
    }
  }

  @Nested
  class RefusedValues {

    record Node(String name, List<Node> next) {}

    static class Talkative {
      public String getName() {
        throw new IllegalStateException("secret");
      }
    }

    record Inside(List<Talkative> talkers) {}

    @Test
    void nameTheTypeAndWhereItStands() {
      assertThatThrownBy(() -> converter.toPayload(new Inside(List.of(new Talkative()))))
          .isInstanceOf(DataConversionException.class)
          .hasMessageContainingAll(
              "Cannot write a value of " + Inside.class.getName(),
              "$.talkers[0].name",
              "java.lang.IllegalStateException")
          .satisfies(JacksonDataConverterTest::quotesNothing)
          .satisfies(
              e ->
                  assertThat(e.getCause().getStackTrace()[0].getClassName())
                      .isEqualTo(Talkative.class.getName()));
    }

    @Test
    void valuesThatReferBackToThemselvesAreNotFollowedForEver() {
      List<Node> next = new ArrayList<>();
      Node node = new Node("secret", next);
      next.add(node);
      assertThatThrownBy(() -> converter.toPayload(node))
          .isInstanceOf(DataConversionException.class)
          .hasMessageContaining("refers back to itself")
          .satisfies(JacksonDataConverterTest::quotesNothing)
          .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
    }

    @Test
    void objectsThatAreNotDataAreRefusedRatherThanWrittenHalf() {
      for (Object value :
          List.of(
              new Object(),
              Thread.currentThread(),
              new CompletableFuture<String>(),
              BitSet.valueOf(new long[] {5}),
              InputStream.nullInputStream(),
              List.of(new Object()),
              Map.of("secret", Thread.currentThread()),
              (Runnable) () -> {})) {
        assertThatThrownBy(() -> converter.toPayload(value))
            .isInstanceOf(DataConversionException.class)
            .hasMessageContaining("Cannot write a")
            .satisfies(JacksonDataConverterTest::quotesNothing);
      }
    }

    static class Failure extends RuntimeException {
      private final int status;

      Failure(String message, int status) {
        super(message);
        this.status = status;
      }

      public int getStatus() {
        return status;
      }
    }

    @Test
    void anExceptionAsAValueIsWrittenByItsGetters() {
      assertThat(converter.toPayload(new Failure("it", 7)).text())
          .contains("\"message\":\"it\"", "\"status\":7");
    }
  }

  @Test
  void aMapperOfOnesOwnDecidesEverything() {
    var own =
        new JacksonDataConverter(
            JacksonDataConverter.defaultMapper()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build());
    record Named(String firstName) {}
    assertThat(own.toPayload(new Named("A")).text()).isEqualTo("{\"first_name\":\"A\"}");
    assertThat(own.fromPayload(Payload.of("{\"first_name\":\"B\"}"), Named.class))
        .isEqualTo(new Named("B"));
  }

  private void assertRefused(String json, Type type, CharSequence... said) {
    assertThatThrownBy(() -> read(json, type))
        .isInstanceOf(DataConversionException.class)
        .hasMessageContainingAll(said);
  }

  private static void quotesNothing(Throwable error) {
    for (Throwable at = error; at != null; at = at.getCause()) {
      assertThat(at.toString()).doesNotContain("secret").doesNotContain("271828");
      assertThat(at.getSuppressed()).isEmpty();
    }
    assertThat(FailureDetails.of(error).toString()).doesNotContain("secret");
  }
}
