package dev.perdure.json;

import dev.perdure.api.Payload;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * An object of a history that is being read, whose properties remember where they stand in the
 * text: payloads are taken out of it as they are, and errors say where they are.
 */
final class HistoryReader {
  /** What a history adds to the depth of a payload, and more: failures have causes. */
  private static final int DEPTH_OF_HISTORY = 100;

  /** Reads payloads: they may be as large as a hub lets them. */
  static final JsonFactory PAYLOADS = factory(StreamReadConstraints.DEFAULT_MAX_DEPTH);

  private static final JsonFactory HISTORIES =
      factory(StreamReadConstraints.DEFAULT_MAX_DEPTH + DEPTH_OF_HISTORY);

  private static final int QUOTED_MAX = 40;

  /**
   * A value: a map of members, a list, a text, a number as it is written, a truth value, or null.
   */
  private record Node(@Nullable Object value, String path, int begin, int end, int line) {}

  private final String source;
  private final Node self;
  private final Map<String, Node> members;

  private HistoryReader(String source, Node self) {
    this.source = source;
    this.self = self;
    this.members = members(self);
  }

  @SuppressWarnings("unchecked") // the parser makes maps of nodes only
  private static Map<String, Node> members(Node node) {
    if (node.value() instanceof Map<?, ?> members) {
      return (Map<String, Node>) members;
    }
    throw wrong(node, "this should be an object");
  }

  @SuppressWarnings("unchecked") // the parser makes lists of nodes only
  private static List<Node> elements(Node node) {
    if (node.value() instanceof List<?> elements) {
      return (List<Node>) elements;
    }
    throw wrong(node, "this should be a list");
  }

  // ---- parsing ------------------------------------------------------------------------------

  private static JsonFactory factory(int depthMax) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxStringLength(Integer.MAX_VALUE)
                .maxNameLength(Integer.MAX_VALUE)
                .maxNestingDepth(depthMax)
                .build())
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .build();
  }

  static HistoryReader of(String source) {
    try (JsonParser parser = HISTORIES.createParser(ObjectReadContext.empty(), source)) {
      if (parser.nextToken() == null) {
        throw new HistoryFormatException("This is not a history: it is empty.", null);
      }
      Node root = parse(parser, "");
      if (parser.nextToken() != null) {
        throw new HistoryFormatException(
            "This is not a history: line %d: something follows after its end."
                .formatted(parser.currentTokenLocation().getLineNr()),
            null);
      }
      return new HistoryReader(source, root);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      throw new HistoryFormatException(
          "This is not a history: line %d, column %d: it is not valid JSON, or it is cut short: %s."
              .formatted(
                  at == null ? 0 : at.getLineNr(),
                  at == null ? 0 : at.getColumnNr(),
                  firstLine(e.getOriginalMessage())),
          e);
    }
  }

  private static String firstLine(@Nullable String message) {
    return message == null ? "" : message.lines().findFirst().orElse("");
  }

  private static Node parse(JsonParser parser, String path) {
    TokenStreamLocation begin = parser.currentTokenLocation();
    JsonToken token = parser.currentToken();
    Object value =
        switch (token) {
          case START_OBJECT -> {
            Map<String, Node> members = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
              String name = parser.currentName();
              parser.nextToken();
              members.put(name, parse(parser, path.isEmpty() ? name : path + "." + name));
            }
            yield members;
          }
          case START_ARRAY -> {
            List<Node> elements = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
              elements.add(parse(parser, "%s[%d]".formatted(path, elements.size())));
            }
            yield elements;
          }
          case VALUE_TRUE -> true;
          case VALUE_FALSE -> false;
          case VALUE_NULL -> null;
          case VALUE_NUMBER_INT -> parser.getNumberValue();
          default -> parser.getString();
        };
    parser.finishToken();
    return new Node(
        token == JsonToken.VALUE_NUMBER_FLOAT ? Double.NaN : value,
        path,
        (int) begin.getCharOffset(),
        (int) parser.currentLocation().getCharOffset(),
        begin.getLineNr());
  }

  // ---- errors -------------------------------------------------------------------------------

  /** The error for a property that is not what it should be. */
  HistoryFormatException wrong(String name, String why) {
    Node node = members.get(name);
    return wrong(node == null ? self : node, why);
  }

  private static HistoryFormatException wrong(Node node, String why) {
    return wrong(node, why, null);
  }

  private static HistoryFormatException wrong(Node node, String why, @Nullable Throwable cause) {
    return new HistoryFormatException(
        "This is not a history: line %d%s: %s."
            .formatted(node.line(), node.path().isEmpty() ? "" : ", " + node.path(), why),
        cause);
  }

  private HistoryFormatException shouldBe(String what, Node node, @Nullable Throwable cause) {
    String text = source.substring(node.begin(), node.end());
    return wrong(
        node,
        "this should be %s, and is %s"
            .formatted(
                what, text.length() <= QUOTED_MAX ? text : text.substring(0, QUOTED_MAX) + "..."),
        cause);
  }

  // ---- properties ---------------------------------------------------------------------------

  private Node member(String name) {
    Node node = members.get(name);
    if (node == null) {
      throw wrong(self, "'%s' is missing".formatted(name));
    }
    return node;
  }

  String text(String name) {
    return text(member(name));
  }

  @Nullable String textOrNull(String name) {
    Node node = members.get(name);
    return node == null ? null : text(node);
  }

  private String text(Node node) {
    if (node.value() instanceof String text) {
      return text;
    }
    throw shouldBe("a text", node, null);
  }

  List<String> texts(String name) {
    return elements(member(name)).stream().map(this::text).toList();
  }

  Map<String, String> textMap(String name) {
    Map<String, String> texts = new LinkedHashMap<>();
    members(member(name)).forEach((key, node) -> texts.put(key, text(node)));
    return texts;
  }

  @Nullable Map<String, String> textMapOrNull(String name) {
    return members.containsKey(name) ? textMap(name) : null;
  }

  int number(String name) {
    return number(member(name));
  }

  int numberOr(String name, int absent) {
    Node node = members.get(name);
    return node == null ? absent : number(node);
  }

  private int number(Node node) {
    if (node.value() instanceof Integer number) {
      return number;
    }
    throw shouldBe("a whole number", node, null);
  }

  List<Integer> numbers(String name) {
    return elements(member(name)).stream().map(this::number).toList();
  }

  boolean flag(String name) {
    Node node = member(name);
    if (node.value() instanceof Boolean flag) {
      return flag;
    }
    throw shouldBe("true or false", node, null);
  }

  Instant time(String name) {
    return time(member(name));
  }

  @Nullable Instant timeOrNull(String name) {
    Node node = members.get(name);
    return node == null ? null : time(node);
  }

  private Instant time(Node node) {
    try {
      return Instant.parse(text(node));
    } catch (DateTimeException e) {
      throw shouldBe("a time such as \"2030-01-01T12:00:00.123Z\"", node, e);
    }
  }

  <E extends Enum<E>> E constant(String name, Class<E> type) {
    Node node = member(name);
    try {
      return Enum.valueOf(type, text(node));
    } catch (IllegalArgumentException e) {
      throw shouldBe("one of " + Arrays.toString(type.getEnumConstants()), node, e);
    }
  }

  <T> T object(String name, Function<HistoryReader, T> read) {
    return read.apply(new HistoryReader(source, member(name)));
  }

  <T> @Nullable T objectOrNull(String name, Function<HistoryReader, T> read) {
    return members.containsKey(name) ? object(name, read) : null;
  }

  <T> List<T> objects(String name, Function<HistoryReader, T> read) {
    return elements(member(name)).stream()
        .map(node -> read.apply(new HistoryReader(source, node)))
        .toList();
  }

  @Nullable Payload payload(String name) {
    Node json = members.get(name);
    Node base64 = members.get(name + "Base64");
    if (base64 == null) {
      return json == null ? null : Payload.of(source.substring(json.begin(), json.end()));
    }
    if (json != null) {
      throw wrong(base64, "'%s' is there as well, and only one of them can be".formatted(name));
    }
    try {
      return Payload.of(Base64.getDecoder().decode(text(base64)));
    } catch (IllegalArgumentException e) {
      throw shouldBe("Base64", base64, e);
    }
  }
}
