package dev.perdure.json;

import dev.perdure.api.DataConversionException;
import dev.perdure.api.DataConverter;
import dev.perdure.api.Payload;
import java.lang.invoke.MethodType;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes values as JSON, with Jackson. Safe from any thread.
 *
 * <p>Supported are records, enums, collections and maps, {@code Optional}, {@code java.time} (as
 * ISO-8601 text), {@code byte[]} (as Base64), numbers and text, and classes with fields or getters
 * and a constructor, whatever their visibility; sealed types if Jackson's {@code JsonTypeInfo} says
 * how to tell them apart. Keys of maps are texts in JSON, so their classes have to be ones that can
 * be made of a text again; others are refused when they are written. Equal values give equal bytes:
 * properties have a fixed order, and maps and sets that have no order are sorted ({@code HashMap},
 * {@code Set.of}). Those that have one keep it, such as {@code LinkedHashMap}, which is also what a
 * {@code Map} is read as.
 *
 * <p>Programs change while instances run. Properties that the type does not have are ignored;
 * properties that the payload does not have become null, or zero for primitives.
 *
 * <p>Errors say which type, where and why, and never quote the payload: messages end up in logs,
 * and payloads hold what must not.
 */
public final class JacksonDataConverter implements DataConverter {
  private static final Payload NULL = Payload.of("null");

  private final JsonMapper mapper;

  /**
   * Whether strings look the way {@link SimpleStrings} writes them; unknown for a user's mapper.
   */
  private final boolean hasShortWays;

  private final Map<Class<?>, ObjectWriter> writers = new ConcurrentHashMap<>();
  private final Map<Type, ObjectReader> readers = new ConcurrentHashMap<>();

  /** A converter with the usual settings. */
  public JacksonDataConverter() {
    this(defaultMapper().build(), true);
  }

  /**
   * A converter with settings of one's own, best made from {@link #defaultMapper()}. The mapper
   * must write equal values as equal bytes and ignore properties that it does not know.
   */
  public JacksonDataConverter(JsonMapper mapper) {
    this(mapper, false);
  }

  private JacksonDataConverter(JsonMapper mapper, boolean hasShortWays) {
    this.mapper = mapper;
    this.hasShortWays = hasShortWays;
  }

  /** The usual settings, to add to: modules, mix-ins, other formats for dates. */
  public static JsonMapper.Builder defaultMapper() {
    return DefaultMapper.builder();
  }

  @Override
  public Payload toPayload(@Nullable Object value) {
    if (value == null) {
      return NULL;
    }
    byte[] simple = hasShortWays ? writeSimple(value) : null;
    if (simple != null) {
      return Payload.of(simple);
    }
    try {
      return Payload.of(writerFor(value.getClass()).writeValueAsBytes(value));
    } catch (RuntimeException e) {
      throw ConversionErrors.whileWriting(value.getClass(), e);
    }
  }

  @Override
  public @Nullable Object fromPayload(Payload payload, Type type) {
    if (type == Void.class || type == void.class) {
      return null;
    }
    Object simple = hasShortWays ? readSimple(payload.bytes(), type) : null;
    if (simple != null) {
      return simple;
    }
    if (payload.size() == 0) {
      throw ConversionErrors.emptyPayload(type);
    }
    try {
      return readerFor(type).readValue(payload.bytes());
    } catch (RuntimeException e) {
      throw ConversionErrors.whileReading(type, e);
    }
  }

  private static byte @Nullable [] writeSimple(Object value) {
    return switch (value) {
      case String text -> SimpleStrings.write(text);
      case byte[] bytes -> SimpleBytes.write(bytes);
      default -> null;
    };
  }

  private static @Nullable Object readSimple(byte[] json, Type type) {
    if (type == String.class) {
      return SimpleStrings.read(json);
    }
    return type == byte[].class ? SimpleBytes.read(json) : null;
  }

  private ObjectWriter writerFor(Class<?> type) {
    ObjectWriter known = writers.get(type);
    if (known != null) {
      return known;
    }
    if (type.isHidden()) {
      throw new DataConversionException(
          "Cannot write a lambda (%s) as JSON: it is code. Pass a value, such as a record."
              .formatted(type.getName()));
    }
    return writers.computeIfAbsent(type, this::newWriter);
  }

  private ObjectWriter newWriter(Class<?> type) {
    return mapper.writerFor(type).withAttribute(ReadableKeySerializer.MAPPER, mapper);
  }

  private ObjectReader readerFor(Type type) {
    ObjectReader known = readers.get(type);
    return known != null ? known : readers.computeIfAbsent(type, this::newReader);
  }

  private ObjectReader newReader(Type type) {
    // A primitive cannot be null, and null is what was written: the caller decides what it means.
    Type boxed = type instanceof Class<?> c ? MethodType.methodType(c).wrap().returnType() : type;
    return mapper.readerFor(mapper.constructType(boxed));
  }
}
