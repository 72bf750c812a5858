package dev.perdure.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonKey;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.perdure.api.DataConversionException;
import dev.perdure.api.DataConverter;
import dev.perdure.api.Payload;
import dev.perdure.api.TypeRef;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.sql.Timestamp;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Collections;
import java.util.Comparator;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Whatever was written is read back as an equal value, and equal values give equal bytes. */
class RoundtripTest {

  record Empty() {}

  private record Secret(String name, int number) {}

  record Line(String item, int count, BigDecimal price) {
    BigDecimal getTotal() {
      return price.multiply(BigDecimal.valueOf(count));
    }
  }

  record Order(
      UUID id,
      Optional<String> note,
      List<Line> lines,
      Map<String, List<Integer>> codes,
      Instant at,
      Duration within,
      Color color,
      Order previous) {}

  record Box<T>(T content, List<T> more) {}

  record Primitives(
      boolean b, byte y, short s, int i, long l, float f, double d, char c, Integer boxed) {}

  enum Color {
    RED,
    GREEN {
      @Override
      String shade() {
        return "light";
      }
    };

    String shade() {
      return "dark";
    }

    @Override
    public String toString() {
      return shade() + " " + name().toLowerCase(Locale.ROOT);
    }
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  sealed interface Shape {}

  record Circle(double radius) implements Shape {}

  /** Shapes that are known by name alone. */
  enum Mark implements Shape {
    DOT,
    CROSS {
      @Override
      boolean isOpen() {
        return true;
      }
    };

    boolean isOpen() {
      return false;
    }
  }

  record Group(Shape first, List<Shape> others) implements Shape {}

  record Marked(Set<Mark> marks, Set<Shape> shapes, Mark one) {}

  record Drawing(Shape main, Map<String, Shape> named, Optional<Shape> spare) {}

  /** Private fields and nothing else. */
  static class Counter {
    private int count;
    private String name;

    private Counter() {}

    static Counter of(String name, int count) {
      Counter counter = new Counter();
      counter.name = name;
      counter.count = count;
      return counter;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Counter that && count == that.count && name.equals(that.name);
    }

    @Override
    public int hashCode() {
      return Objects.hash(name, count);
    }
  }

  /** Immutable, with a constructor that is not public. */
  static final class Money {
    private final String currency;
    private final long cents;

    Money(String currency, long cents) {
      this.currency = currency;
      this.cents = cents;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Money that && cents == that.cents && currency.equals(that.currency);
    }

    @Override
    public int hashCode() {
      return Objects.hash(currency, cents);
    }
  }

  /** One constructor parameter must not be mistaken for the whole value. */
  static final class Name {
    private final String text;

    Name(String text) {
      this.text = text;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Name that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
      return text.hashCode();
    }
  }

  /** A bean as of old. */
  public static class Bean extends Counter {
    private boolean active;
    private List<String> tags = new ArrayList<>();

    public boolean isActive() {
      return active;
    }

    public void setActive(boolean active) {
      this.active = active;
    }

    public List<String> getTags() {
      return tags;
    }

    public void setTags(List<String> tags) {
      this.tags = tags;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Bean that && active == that.active && tags.equals(that.tags);
    }

    @Override
    public int hashCode() {
      return Objects.hash(active, tags);
    }
  }

  private static Bean bean() {
    Bean bean = new Bean();
    bean.setActive(true);
    bean.setTags(List.of("a", "b"));
    return bean;
  }

  private static Order order() {
    return new Order(
        new UUID(1, 2),
        Optional.of("leave at the door"),
        List.of(new Line("tea", 2, new BigDecimal("3.50"))),
        new HashMap<>(Map.of("b", List.of(1, 2), "a", List.of())),
        Instant.parse("2026-01-02T03:04:05.678901234Z"),
        Duration.ofMinutes(90),
        Color.GREEN,
        new Order(null, Optional.empty(), null, null, null, null, null, null));
  }

  static Stream<Arguments> values() {
    Group group = new Group(new Circle(1), List.of(new Circle(2), new Group(null, List.of())));
    return Stream.of(
        value(null, String.class, "null"),
        value("", String.class, "\"\""),
        value("plain /text", String.class, "\"plain /text\""),
        value("\"quoted\" \\ \n\t\u0000 \u007f", String.class),
        value("Grüße, 世界, \uD83D\uDE00", String.class, "\"Grüße, 世界, \uD83D\uDE00\""),
        value("cut \uD83D", String.class, "\"cut \\uD83D\""),
        value("x".repeat(100_000), String.class),
        value("é".repeat(100_000), String.class),
        value(new byte[0], byte[].class, "\"\""),
        value(new byte[] {-1, 0, 1, 62, 63}, byte[].class, "\"/wABPj8=\""),
        value(true, Boolean.class, "true"),
        value(42, Integer.class, "42"),
        value(42, int.class, "42"),
        value(null, int.class, "null"),
        value(Long.MIN_VALUE, Long.class, "-9223372036854775808"),
        value(0.1, Double.class, "0.1"),
        value(Double.NaN, Double.class, "\"NaN\""),
        value(Float.NEGATIVE_INFINITY, Float.class),
        value('x', Character.class, "\"x\""),
        value(new BigDecimal("1.10"), BigDecimal.class, "1.10"),
        value(new BigDecimal("1E+100"), BigDecimal.class),
        value(new BigInteger("123456789012345678901234567890"), BigInteger.class),
        value(Color.RED, Color.class, "\"RED\""),
        value(Color.GREEN, Color.class, "\"GREEN\""),
        value(TimeUnit.DAYS, TimeUnit.class, "\"DAYS\""),
        value(new UUID(1, 2), UUID.class, "\"00000000-0000-0001-0000-000000000002\""),
        value(URI.create("https://a.example/b?c"), URI.class, "\"https://a.example/b?c\""),
        value(URI.create(""), URI.class, "\"\""),
        value(Locale.forLanguageTag("de-AT"), Locale.class, "\"de-AT\""),
        value(Locale.ROOT, Locale.class, "\"\""),
        value(Currency.getInstance("EUR"), Currency.class, "\"EUR\""),
        value(address("db", 10, 0, 0, 1), InetAddress.class, "\"db/10.0.0.1\""),
        value(address(null, 10, 0, 0, 1), InetAddress.class, "\"10.0.0.1\""),
        value(address("db", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), InetAddress.class),
        value(new Date(1_700_000_000_123L), Date.class, "\"2023-11-14T22:13:20.123Z\""),
        value(
            Timestamp.from(Instant.parse("2023-11-14T22:13:20.123456789Z")),
            Timestamp.class,
            "\"2023-11-14T22:13:20.123456789Z\""),
        value(
            calendar("Asia/Tokyo"),
            Calendar.class,
            "\"2023-11-15T07:13:20.123+09:00[Asia/Tokyo]\""),
        value(calendar("GMT-03:00"), GregorianCalendar.class),
        // java.time
        value(Instant.EPOCH, Instant.class, "\"1970-01-01T00:00:00Z\""),
        value(Instant.MAX, Instant.class),
        value(Duration.ofMillis(-1), Duration.class, "\"PT-0.001S\""),
        value(Period.of(1, 2, 3), Period.class, "\"P1Y2M3D\""),
        value(LocalDate.of(2026, 2, 3), LocalDate.class, "\"2026-02-03\""),
        value(LocalTime.of(1, 2), LocalTime.class, "\"01:02:00\""),
        value(LocalDateTime.of(2026, 2, 3, 4, 5, 6, 7), LocalDateTime.class),
        value(OffsetTime.of(1, 2, 3, 4, ZoneOffset.ofHours(5)), OffsetTime.class),
        value(
            OffsetDateTime.parse("2026-02-03T04:05:06+02:00"),
            OffsetDateTime.class,
            "\"2026-02-03T04:05:06+02:00\""),
        value(
            ZonedDateTime.parse("2026-02-03T04:05:06+01:00[Europe/Vienna]"),
            ZonedDateTime.class,
            "\"2026-02-03T04:05:06+01:00[Europe/Vienna]\""),
        value(ZonedDateTime.parse("2026-02-03T04:05:06Z"), ZonedDateTime.class),
        value(ZonedDateTime.parse("2026-02-03T04:05:06Z[UTC]"), ZonedDateTime.class),
        value(ZoneId.of("Europe/Vienna"), ZoneId.class, "\"Europe/Vienna\""),
        value(ZoneOffset.ofHours(-3), ZoneOffset.class, "\"-03:00\""),
        value(Year.of(2026), Year.class),
        value(YearMonth.of(2026, 2), YearMonth.class, "\"2026-02\""),
        value(MonthDay.of(2, 3), MonthDay.class, "\"--02-03\""),
        value(Month.FEBRUARY, Month.class),
        value(DayOfWeek.MONDAY, DayOfWeek.class, "\"MONDAY\""),
        // collections
        value(List.of(1, 2), new TypeRef<List<Integer>>() {}.type(), "[1,2]"),
        value(Arrays.asList("a", null), new TypeRef<List<String>>() {}.type(), "[\"a\",null]"),
        value(List.of(1L, 2L), new TypeRef<List<Long>>() {}.type(), "[1,2]"),
        value(new int[] {1, 2}, int[].class, "[1,2]"),
        value(new String[][] {{"a"}, {}}, String[][].class, "[[\"a\"],[]]"),
        value(Set.of("c", "a", "b"), new TypeRef<Set<String>>() {}.type(), "[\"a\",\"b\",\"c\"]"),
        value(
            new HashMap<>(Map.of("b", 1, "a", 2)),
            new TypeRef<Map<String, Integer>>() {}.type(),
            "{\"a\":2,\"b\":1}"),
        value(
            Map.of(10, "ten", 9, "nine"),
            new TypeRef<Map<Integer, String>>() {}.type(),
            "{\"9\":\"nine\",\"10\":\"ten\"}"),
        value(
            new EnumMap<>(Map.of(Color.GREEN, 1)),
            new TypeRef<Map<Color, Integer>>() {}.type(),
            "{\"GREEN\":1}"),
        value(Map.of(LocalDate.EPOCH, true), new TypeRef<Map<LocalDate, Boolean>>() {}.type()),
        value(
            new TreeMap<>(Map.of("k", List.of(Set.of(1)))),
            new TypeRef<Map<String, List<Set<Integer>>>>() {}.type()),
        value(Map.of("a", List.of(1, "b", true)), Object.class, "{\"a\":[1,\"b\",true]}"),
        value(Optional.of("x"), new TypeRef<Optional<String>>() {}.type(), "\"x\""),
        value(Optional.of(""), new TypeRef<Optional<String>>() {}.type(), "\"\""),
        value(Optional.empty(), new TypeRef<Optional<String>>() {}.type(), "null"),
        value(OptionalInt.of(3), OptionalInt.class, "3"),
        value(OptionalInt.empty(), OptionalInt.class, "null"),
        // classes
        value(new Empty(), Empty.class, "{}"),
        value(new Secret("n", 1), Secret.class, "{\"name\":\"n\",\"number\":1}"),
        value(
            new Line("tea", 2, new BigDecimal("3.50")),
            Line.class,
            "{\"item\":\"tea\",\"count\":2,\"price\":3.50}"),
        value(order(), Order.class),
        value(
            new Primitives(true, (byte) 1, (short) 2, 3, 4L, 5.5f, 6.5, '7', null),
            Primitives.class),
        value(
            new Box<>(Color.RED, List.of(Color.GREEN)),
            new TypeRef<Box<Color>>() {}.type(),
            "{\"content\":\"RED\",\"more\":[\"GREEN\"]}"),
        value(
            new Box<>(List.of(new Secret("s", 1)), List.of()),
            new TypeRef<Box<List<Secret>>>() {}.type()),
        value(Counter.of("c", 3), Counter.class, "{\"count\":3,\"name\":\"c\"}"),
        value(new Money("EUR", 5), Money.class),
        value(new Name("n"), Name.class, "{\"text\":\"n\"}"),
        value(bean(), Bean.class),
        // sealed types
        value(new Circle(1), Shape.class, "{\"kind\":\"RoundtripTest$Circle\",\"radius\":1.0}"),
        value(new Circle(1), Circle.class),
        value(group, Shape.class),
        value(List.of(new Circle(1), group), new TypeRef<List<Shape>>() {}.type()),
        value(List.of(List.of(group)), new TypeRef<List<List<Shape>>>() {}.type()),
        value(Map.of("a", group), new TypeRef<Map<String, Shape>>() {}.type()),
        value(Optional.of(group), new TypeRef<Optional<Shape>>() {}.type()),
        value(new Shape[] {group}, Shape[].class),
        value(Mark.CROSS, Shape.class),
        value(Mark.DOT, Mark.class),
        value(List.of(Mark.DOT, new Circle(1)), new TypeRef<List<Shape>>() {}.type()),
        value(Map.of("a", Mark.CROSS), new TypeRef<Map<String, Shape>>() {}.type()),
        value(Set.of(Mark.CROSS, Mark.DOT), new TypeRef<Set<Shape>>() {}.type()),
        value(EnumSet.allOf(Mark.class), new TypeRef<Set<Shape>>() {}.type()),
        value(EnumSet.allOf(Mark.class), new TypeRef<Set<Mark>>() {}.type()),
        value(EnumSet.allOf(Mark.class), new TypeRef<EnumSet<Mark>>() {}.type()),
        value(new Marked(EnumSet.of(Mark.CROSS), Set.of(Mark.DOT), Mark.CROSS), Marked.class),
        value(new Mark[] {Mark.CROSS}, Mark[].class),
        value(new EnumMap<>(Map.of(Mark.CROSS, 1)), new TypeRef<Map<Mark, Integer>>() {}.type()),
        value(new Drawing(group, Map.of("c", new Circle(3)), Optional.of(group)), Drawing.class),
        value(new Box<>(group, List.of(group)), new TypeRef<Box<Shape>>() {}.type()));
  }

  private static InetAddress address(String name, Integer... bytes) {
    byte[] number = new byte[bytes.length];
    for (int i = 0; i < number.length; i++) {
      number[i] = bytes[i].byteValue();
    }
    try {
      return InetAddress.getByAddress(name, number);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Calendar calendar(String zone) {
    Calendar calendar = new GregorianCalendar(TimeZone.getTimeZone(zone));
    calendar.setTimeInMillis(1_700_000_000_123L);
    return calendar;
  }

  private static Arguments value(Object value, Type type, String json) {
    return Arguments.of(type.getTypeName(), value, type, json);
  }

  private static Arguments value(Object value, Type type) {
    return value(value, type, null);
  }

  private final DataConverter converter = new JacksonDataConverter();

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource("values")
  void whatWasWrittenIsReadBack(String name, Object value, Type type, String json) {
    Payload payload = converter.toPayload(value);

    if (json != null) {
      assertThat(payload.text()).isEqualTo(json);
    }
    Object back = converter.fromPayload(payload, type);
    assertThat(Objects.deepEquals(back, value)).as("%s", back).isTrue();
    assertThat(converter.toPayload(back)).isEqualTo(payload);
  }

  /** An entity whose state could be written and not read would be set aside for good. */
  @Test
  void whatIsLongIsReadBackToo() {
    BigInteger number = BigInteger.TEN.pow(20_000).subtract(BigInteger.ONE);
    BigDecimal decimal = new BigDecimal(number, 1_000);
    Map<String, Integer> named = Map.of("k".repeat(200_000), 1);

    assertThat(back(number, BigInteger.class)).isEqualTo(number);
    assertThat(back(decimal, BigDecimal.class)).isEqualTo(decimal);
    assertThat(back(named, new TypeRef<Map<String, Integer>>() {}.type())).isEqualTo(named);
  }

  /** An entity would see another order after its state was written than before. */
  @Test
  void mapsAndSetsThatHaveAnOrderKeepIt() {
    Map<String, Integer> map = new LinkedHashMap<>();
    map.put("z", 1);
    map.put("a", 2);
    Set<String> texts = new LinkedHashSet<>(List.of("z", "a"));
    Set<Object> others = new LinkedHashSet<>(List.of(new Name("z"), 7, new Name("a")));
    Map<String, Integer> downwards = new TreeMap<>(Comparator.reverseOrder());
    downwards.putAll(map);

    assertThat(json(map)).isEqualTo("{\"z\":1,\"a\":2}");
    assertThat(json(texts)).isEqualTo("[\"z\",\"a\"]");
    assertThat(json(others)).isEqualTo("[{\"text\":\"z\"},7,{\"text\":\"a\"}]");
    assertThat(json(downwards)).isEqualTo("{\"z\":1,\"a\":2}");
    assertThat(json(new Box<>(map, List.of(map))))
        .isEqualTo("{\"content\":{\"z\":1,\"a\":2},\"more\":[{\"z\":1,\"a\":2}]}");
    assertThat(back(map, new TypeRef<Map<String, Integer>>() {}.type())).hasToString("{z=1, a=2}");
  }

  @Test
  void mapsAndSetsWithoutAnOrderAreWrittenInAFixedOne() {
    List<Name> names = IntStream.range(0, 40).mapToObj(n -> new Name("n" + n)).toList();
    Set<Name> forwards = new HashSet<>(2);
    forwards.addAll(names);
    Set<Name> backwards = new HashSet<>(1000);
    backwards.addAll(names.reversed());

    assertThat(json(forwards)).isEqualTo(json(backwards));
    assertThat(json(Set.of(2, 10, 1))).isEqualTo("[1,2,10]");
    assertThat(json(Set.of("b", 2, "a", 1L))).isEqualTo("[2,1,\"a\",\"b\"]");
    assertThat(json(Map.of(2, "x", 10, "y"))).isEqualTo("{\"2\":\"x\",\"10\":\"y\"}");
    assertThat(json(Map.of(Color.GREEN, 1, Color.RED, 2))).isEqualTo("{\"RED\":2,\"GREEN\":1}");
  }

  @Test
  void aTreeKeepsAllDigitsOfItsNumbers() {
    String json = "{\"a\":12345678901234567890.12345678901234567890,\"b\":1.10}";

    JsonNode tree = (JsonNode) converter.fromPayload(Payload.of(json), JsonNode.class);

    assertThat(json(tree)).isEqualTo(json);
  }

  /** As others may write it. */
  @Test
  void constantsOfAFamilyMayAlsoBeReadByNameAlone() {
    Payload names = Payload.of("[\"DOT\"]");

    assertThat(converter.fromPayload(names, new TypeRef<Set<Mark>>() {}.type()))
        .isEqualTo(Set.of(Mark.DOT));
  }

  record Place(int x, int y) {}

  record Code(@JsonKey String text) {}

  /** Shows itself as a text from which it cannot be made again. */
  record Town(String name, int code) {
    @Override
    public String toString() {
      return code + " " + name;
    }
  }

  /** Shows itself as the text of which it is made. */
  record Ticket(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  /** The same, as a class of old. */
  static final class Sign {
    private final String text;

    Sign(String text) {
      this.text = text;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Sign that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
      return text.hashCode();
    }

    @Override
    public String toString() {
      return text;
    }
  }

  static Stream<Arguments> keysOfTheJdk() {
    return Stream.of(
        key(true, new TypeRef<Map<Boolean, Integer>>() {}),
        key(1L, new TypeRef<Map<Long, Integer>>() {}),
        key(0.5, new TypeRef<Map<Double, Integer>>() {}),
        key('x', new TypeRef<Map<Character, Integer>>() {}),
        key(new BigDecimal("1.10"), new TypeRef<Map<BigDecimal, Integer>>() {}),
        key(BigInteger.TEN, new TypeRef<Map<BigInteger, Integer>>() {}),
        key(URI.create("a:b"), new TypeRef<Map<URI, Integer>>() {}),
        key(Locale.GERMAN, new TypeRef<Map<Locale, Integer>>() {}),
        key(Locale.ROOT, new TypeRef<Map<Locale, Integer>>() {}),
        key(Locale.forLanguageTag("zh-Hans-CN"), new TypeRef<Map<Locale, Integer>>() {}),
        key(Currency.getInstance("EUR"), new TypeRef<Map<Currency, Integer>>() {}),
        key(Color.GREEN, new TypeRef<Map<Color, Integer>>() {}),
        key(Mark.CROSS, new TypeRef<Map<Mark, Integer>>() {}),
        key(Instant.EPOCH, new TypeRef<Map<Instant, Integer>>() {}),
        key(Duration.ofDays(1), new TypeRef<Map<Duration, Integer>>() {}),
        key(Year.of(2026), new TypeRef<Map<Year, Integer>>() {}),
        key(ZoneOffset.ofHours(2), new TypeRef<Map<ZoneOffset, Integer>>() {}),
        key(ZoneId.of("Europe/Vienna"), new TypeRef<Map<ZoneId, Integer>>() {}),
        key(String.class, new TypeRef<Map<Class<?>, Integer>>() {}));
  }

  private static Arguments key(Object key, TypeRef<?> type) {
    return Arguments.of(key, type.type());
  }

  @ParameterizedTest
  @MethodSource("keysOfTheJdk")
  void keysOfTheJdkAreReadBack(Object key, Type type) {
    assertThat(back(Map.of(key, 1), type)).isEqualTo(Map.of(key, 1));
  }

  @Test
  void aKeyThatCouldNotBeReadIsRefused() {
    assertThatThrownBy(() -> converter.toPayload(Map.of(new Place(1, 2), "secret")))
        .isInstanceOf(DataConversionException.class)
        .hasMessageContaining("Place is the key of a map")
        .hasMessageContaining("@JsonKey")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> converter.toPayload(Map.of(new Bean(), 1)))
        .isInstanceOf(DataConversionException.class);
    assertThatThrownBy(() -> converter.toPayload(Collections.singletonMap(null, 1)))
        .isInstanceOf(DataConversionException.class)
        .hasMessageContaining("a map has the key null");
    Map<Code, Integer> codes = Map.of(new Code("a"), 1);
    assertThat(back(codes, new TypeRef<Map<Code, Integer>>() {}.type())).isEqualTo(codes);
    assertThatThrownBy(() -> converter.toPayload(Map.of(new Town("secret", 7), 1)))
        .isInstanceOf(DataConversionException.class)
        .hasMessageContaining("Town is the key of a map")
        .hasMessageContaining("one String")
        .hasMessageNotContaining("secret");
    Map<Ticket, Integer> tickets = Map.of(new Ticket("a"), 1);
    assertThat(back(tickets, new TypeRef<Map<Ticket, Integer>>() {}.type())).isEqualTo(tickets);
    Map<Sign, Integer> signs = Map.of(new Sign("a"), 1);
    assertThat(back(signs, new TypeRef<Map<Sign, Integer>>() {}.type())).isEqualTo(signs);
    Map<UUID, Integer> ids = Map.of(new UUID(1, 2), 1);
    assertThat(back(ids, new TypeRef<Map<UUID, Integer>>() {}.type())).isEqualTo(ids);
  }

  /** Patterns have no {@code equals}. */
  @Test
  void patternsKeepTheirFlags() {
    Pattern pattern = Pattern.compile("a.b", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    Pattern back = (Pattern) back(pattern, Pattern.class);

    assertThat(back.matcher("A\nB").matches()).isTrue();
    assertThat(json(back)).isEqualTo(json(pattern)).isEqualTo("\"(?is)a.b\"");
    assertThat(json(Pattern.compile("a.b"))).isEqualTo("\"a.b\"");
    Pattern literal = (Pattern) back(Pattern.compile("a.b", Pattern.LITERAL), Pattern.class);
    assertThat(literal.matcher("a.b").matches()).isTrue();
    assertThat(literal.matcher("axb").matches()).isFalse();
    Pattern canonical = Pattern.compile("a", Pattern.CANON_EQ);
    assertThatThrownBy(() -> converter.toPayload(canonical))
        .isInstanceOf(DataConversionException.class)
        .hasMessageContaining("CANON_EQ");
  }

  /** What Jackson writes by itself, and earlier versions wrote. */
  @Test
  void otherFormsAreRead() {
    Payload time = Payload.of("\"2023-11-14T22:13:20.123+00:00\"");
    assertThat(converter.fromPayload(time, Timestamp.class))
        .isEqualTo(new Timestamp(1_700_000_000_123L));
    assertThat(((Calendar) converter.fromPayload(time, Calendar.class)).getTimeInMillis())
        .isEqualTo(1_700_000_000_123L);
    Payload number = Payload.of("1700000000123");
    assertThat(converter.fromPayload(number, Timestamp.class))
        .isEqualTo(new Timestamp(1_700_000_000_123L));
    assertThat(
            converter.fromPayload(
                Payload.of("{\"de_AT\":1}"), new TypeRef<Map<Locale, Integer>>() {}.type()))
        .isEqualTo(Map.of(Locale.forLanguageTag("de-AT"), 1));
  }

  record Report(
      @JsonFormat(pattern = "yyyy-MM-dd", timezone = "UTC") Timestamp day,
      @JsonFormat(shape = JsonFormat.Shape.NUMBER) Calendar time,
      Timestamp exact) {}

  @Test
  void aPropertyMayAskForAFormOfItsOwn() {
    Timestamp midnight = Timestamp.from(Instant.parse("2023-11-14T00:00:00Z"));
    Report report = new Report(midnight, calendar("UTC"), midnight);

    assertThat(json(report))
        .isEqualTo(
            "{\"day\":\"2023-11-14\",\"time\":1700000000123,\"exact\":\"2023-11-14T00:00:00Z\"}");
    assertThat(back(report, Report.class)).isEqualTo(report);
  }

  record Tagged(
      @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_ARRAY)
          @JsonSubTypes({
            @JsonSubTypes.Type(value = Date.class, name = "d"),
            @JsonSubTypes.Type(value = Timestamp.class, name = "t")
          })
          Date value) {}

  @Test
  void typesThatAreWrittenAlongLoseNothing() {
    Timestamp time = Timestamp.from(Instant.parse("2023-11-14T22:13:20.123456789Z"));
    assertThat(back(new Tagged(time), Tagged.class)).isEqualTo(new Tagged(time));
    assertThat(json(new Tagged(time)))
        .isEqualTo("{\"value\":[\"t\",\"2023-11-14T22:13:20.123456789Z\"]}");
  }

  private String json(Object value) {
    return converter.toPayload(value).text();
  }

  private Object back(Object value, Type type) {
    return converter.fromPayload(converter.toPayload(value), type);
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource("values")
  void theShortWaysForStringsAndBytesWriteWhatJacksonWrites(
      String name, Object value, Type type, String json) {
    DataConverter longWay = new JacksonDataConverter(JacksonDataConverter.defaultMapper().build());
    Payload payload = longWay.toPayload(value);
    assertThat(converter.toPayload(value)).isEqualTo(payload);
    assertThat(Objects.deepEquals(longWay.fromPayload(payload, type), value)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anyTextIsReadBackAndWrittenAsJacksonDoes(long seed) {
    Random random = new Random(seed);
    DataConverter longWay = new JacksonDataConverter(JacksonDataConverter.defaultMapper().build());
    int[] ranges = {0x80, 0x100, 0x800, 0x10000, 0x110000};
    for (int i = 0; i < 5_000; i++) {
      int range = ranges[random.nextInt(ranges.length)];
      String text =
          random
              .ints(random.nextInt(40), 0, range)
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
      Payload payload = converter.toPayload(text);
      assertThat(payload).isEqualTo(longWay.toPayload(text));
      assertThat(converter.fromPayload(payload, String.class)).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 100, 10_000})
  void bytesOfAnyLengthAreReadBackAndWrittenAsJacksonDoes(int length) {
    DataConverter longWay = new JacksonDataConverter(JacksonDataConverter.defaultMapper().build());
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    Payload payload = converter.toPayload(bytes);
    assertThat(payload).isEqualTo(longWay.toPayload(bytes));
    assertThat(converter.fromPayload(payload, byte[].class)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void mapsAndSetsOfEqualContentGiveEqualBytes(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      List<String> words =
          new ArrayList<>(random.ints(20, 0, 1000).mapToObj(n -> "word" + n).distinct().toList());
      Map<String, Integer> map = new HashMap<>();
      words.forEach(word -> map.put(word, word.length()));
      Set<String> set = new HashSet<>(words);
      Collections.shuffle(words, random);
      Map<String, Integer> sameMap = new HashMap<>(2_000);
      words.forEach(word -> sameMap.put(word, word.length()));

      assertThat(converter.toPayload(sameMap)).isEqualTo(converter.toPayload(map));
      assertThat(converter.toPayload(Set.copyOf(words))).isEqualTo(converter.toPayload(set));
    }
  }

  /** Written without a constructor for its fields, as the state of an entity may be. */
  static final class Names {
    private final List<String> names = new ArrayList<>();
    private final int most = 3;
  }

  @Test
  void finalFieldsAreReadBack() {
    Names names = new Names();
    names.names.add("Ada");
    Names back = (Names) converter.fromPayload(converter.toPayload(names), Names.class);
    assertThat(back.names).containsExactly("Ada");
    assertThat(back.most).isEqualTo(3);
  }
}
