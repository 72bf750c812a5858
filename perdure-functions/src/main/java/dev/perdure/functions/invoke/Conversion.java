package dev.perdure.functions.invoke;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSyntaxException;
import com.microsoft.azure.functions.HttpRequestMessage;
import dev.perdure.api.Payload;
import dev.perdure.functions.trigger.Value;
import java.lang.reflect.Array;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Turns values from outside into parameters of functions, the way the Java worker of Azure
 * Functions does it, so that apps see what they see there. Errors never quote the value.
 */
final class Conversion {
  private static final Gson GSON = new Gson();

  private static final Map<Class<?>, Class<?>> WRAPPERS =
      Map.of(
          int.class, Integer.class,
          long.class, Long.class,
          short.class, Short.class,
          byte.class, Byte.class,
          float.class, Float.class,
          double.class, Double.class,
          boolean.class, Boolean.class,
          char.class, Character.class);

  /** What takes bytes as they are. */
  private static final Set<Class<?>> BYTES =
      Set.of(byte[].class, Byte[].class, java.nio.ByteBuffer.class);

  private Conversion() {}

  /**
   * A value as a parameter.
   *
   * @throws ConversionException if it does not fit the type
   */
  static @Nullable Object to(Value value, Type type) {
    Class<?> raw = FunctionMethod.raw(type);
    if (raw == Optional.class) {
      return Optional.ofNullable(to(value, FunctionMethod.argument(type)));
    }
    return switch (value) {
      case Value.Nothing nothing -> nothing(raw);
      case Value.Text(String text) -> fromText(text, type, raw);
      case Value.Json(String json, boolean plainStrings) ->
          plainStrings && isString(json) && (raw == String.class || raw == Object.class)
              ? parse(json).getAsString()
              : fromJson(json, type, raw);
      case Value.Subtype(String json, UnaryOperator<Class<?>> subtype) ->
          fromText(json, raw == type ? subtype.apply(raw) : type, raw);
      case Value.Bytes(Payload bytes) -> fromBytes(bytes, type, raw);
      case Value.Texts(List<String> texts) -> fromList(texts, String.class, type, raw);
      case Value.Numbers(List<Number> numbers) -> fromList(numbers, Number.class, type, raw);
      case Value.ManyBytes(List<Payload> items) ->
          fromList(items.stream().map(Payload::bytes).toList(), byte[].class, type, raw);
      case Value.Http http -> fromRequest(http, type, raw);
    };
  }

  private static @Nullable Object nothing(Class<?> raw) {
    if (raw.isPrimitive()) {
      throw new ConversionException("There is no value, and a %s must have one.".formatted(raw));
    }
    return null;
  }

  private static @Nullable Object fromText(String text, Type type, Class<?> raw) {
    if (raw == String.class || raw == Object.class || raw == CharSequence.class) {
      return text;
    }
    Class<?> boxed = WRAPPERS.getOrDefault(raw, raw);
    try {
      if (boxed == Integer.class) {
        return Integer.valueOf(text);
      } else if (boxed == Long.class) {
        return Long.valueOf(text);
      } else if (boxed == Short.class) {
        return Short.valueOf(text);
      } else if (boxed == Byte.class) {
        return Byte.valueOf(text);
      } else if (boxed == Float.class) {
        return Float.valueOf(text);
      } else if (boxed == Double.class) {
        return Double.valueOf(text);
      }
    } catch (NumberFormatException e) {
      throw new ConversionException("The text is not a %s.".formatted(raw.getSimpleName()));
    }
    if (raw == byte[].class) {
      return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
    return gson(text, type, raw);
  }

  private static @Nullable Object fromJson(String json, Type type, Class<?> raw) {
    if (raw == String.class || raw == CharSequence.class) {
      return json;
    }
    boolean strings =
        raw == String[].class
            || (raw.isAssignableFrom(ArrayList.class)
                && FunctionMethod.argument(type) == String.class);
    if (strings) {
      List<@Nullable String> texts = texts(json);
      return raw == String[].class ? texts.toArray(String[]::new) : texts;
    }
    return gson(json, type, raw);
  }

  private static boolean isString(String json) {
    return json.stripLeading().startsWith("\"");
  }

  private static List<@Nullable String> texts(String json) {
    JsonElement parsed = parse(json);
    if (!parsed.isJsonArray()) {
      throw new ConversionException("The JSON is not an array.");
    }
    List<@Nullable String> texts = new ArrayList<>();
    for (JsonElement element : parsed.getAsJsonArray()) {
      texts.add(
          element.isJsonNull()
              ? null
              : element instanceof JsonPrimitive primitive
                  ? primitive.getAsString()
                  : element.toString());
    }
    return texts;
  }

  private static JsonElement parse(String json) {
    try {
      return JsonParser.parseString(json);
    } catch (JsonParseException e) {
      throw new ConversionException("It is not JSON.");
    }
  }

  private static @Nullable Object gson(String json, Type type, Class<?> raw) {
    try {
      Object value = GSON.fromJson(json, type);
      return value == null ? nothing(raw) : value;
    } catch (ConversionException e) {
      throw e;
    } catch (JsonSyntaxException e) {
      throw new ConversionException(
          "The JSON does not fit %s%s.".formatted(type.getTypeName(), place(e)));
    } catch (RuntimeException | LinkageError e) {
      throw new ConversionException(
          "No %s can be made of JSON: %s".formatted(type.getTypeName(), e), e);
    }
  }

  /** Where in the JSON an error is; its own message may quote the value. */
  private static String place(JsonSyntaxException e) {
    String message = String.valueOf(e.getMessage());
    int at = message.lastIndexOf(" at line ");
    if (at < 0) {
      return "";
    }
    int end = message.indexOf('\n', at);
    return message.substring(at, end < 0 ? message.length() : end);
  }

  private static @Nullable Object fromBytes(Payload bytes, Type type, Class<?> raw) {
    if (raw == byte[].class || raw == Object.class) {
      return bytes.bytes();
    }
    if (raw == Byte[].class) {
      return boxed(bytes.bytes());
    }
    if (raw == java.nio.ByteBuffer.class) {
      return java.nio.ByteBuffer.wrap(bytes.bytes());
    }
    return fromText(bytes.text(), type, raw);
  }

  private static Byte[] boxed(byte[] bytes) {
    Byte[] boxed = new Byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      boxed[i] = bytes[i];
    }
    return boxed;
  }

  private static Object fromList(
      List<? extends Object> items, Class<?> elements, Type type, Class<?> raw) {
    if (raw.isAssignableFrom(ArrayList.class)) {
      Class<?> wanted = FunctionMethod.raw(FunctionMethod.argument(type));
      if (wanted == Byte[].class && elements == byte[].class) {
        List<Byte[]> boxed = new ArrayList<>();
        items.forEach(item -> boxed.add(boxed((byte[]) item)));
        return boxed;
      }
      if (wanted != Object.class && items.stream().anyMatch(item -> !wanted.isInstance(item))) {
        throw new ConversionException(
            "Several values of the type %s cannot become a %s."
                .formatted(elements.getSimpleName(), type.getTypeName()));
      }
      return new ArrayList<Object>(items);
    }
    if (raw.isArray()) {
      Class<?> component = raw.getComponentType();
      Object array = Array.newInstance(component, items.size());
      for (int i = 0; i < items.size(); i++) {
        Object item = items.get(i);
        try {
          Array.set(array, i, component == Byte[].class ? boxed((byte[]) item) : item);
        } catch (IllegalArgumentException | ClassCastException e) {
          throw new ConversionException(
              "Several values of the type %s cannot become a %s."
                  .formatted(elements.getSimpleName(), type.getTypeName()));
        }
      }
      return array;
    }
    throw new ConversionException(
        "There may be several values, and a %s takes one. Use a list or an array, or the cardinality ONE."
            .formatted(type.getTypeName()));
  }

  private static @Nullable Object fromRequest(Value.Http http, Type type, Class<?> raw) {
    boolean isMessage = raw == HttpRequestMessage.class;
    Type wanted = isMessage ? FunctionMethod.argument(type) : type;
    Object body = to(HttpRequestView.body(http.request(), isBytes(wanted)), wanted);
    return isMessage ? new HttpRequestView(http, body) : body;
  }

  private static boolean isBytes(Type type) {
    Class<?> raw = FunctionMethod.raw(type);
    return raw == Optional.class ? isBytes(FunctionMethod.argument(type)) : BYTES.contains(raw);
  }
}
