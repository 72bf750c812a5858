package dev.perdure.json;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;

/** Writes keys as {@code toString} shows them, if Jackson can make them again of that. */
final class ReadableKeySerializer extends DelegatingSerializer {
  /** Under what a writer has the mapper that will read; without it all keys are written. */
  static final Object MAPPER = ReadableKeySerializer.class;

  /** Whoever asks for these gets the text. */
  private static final Set<Class<?>> ANYTHING =
      Set.of(Object.class, Serializable.class, CharSequence.class);

  private static final String NO_WAY_BACK =
      " is the key of a map, and cannot be made again of the text that its toString gives: give it"
          + " a constructor with one String, or put @JsonKey on what stands for it";

  private final Class<?> key;
  private volatile @Nullable Boolean isReadable;

  ReadableKeySerializer(Class<?> key, ValueSerializer<?> serializer) {
    super(serializer);
    this.key = key;
  }

  @Override
  ReadableKeySerializer around(ValueSerializer<?> other) {
    return new ReadableKeySerializer(key, other);
  }

  @Override
  public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
    if (context.getAttribute(MAPPER) instanceof ObjectMapper mapper && !isReadable(mapper)) {
      context.reportBadDefinition(context.constructType(key), key.getName() + NO_WAY_BACK);
    }
    super.serialize(value, generator, context);
  }

  private boolean isReadable(ObjectMapper mapper) {
    Boolean known = isReadable;
    if (known == null) {
      known = typesOf(key).stream().anyMatch(type -> canBeKey(type, mapper));
      isReadable = known;
    }
    return known;
  }

  private static boolean canBeKey(Class<?> type, ObjectMapper mapper) {
    try {
      Object unused =
          mapper
              .readerFor(mapper.getTypeFactory().constructMapType(Map.class, type, Object.class))
              .readValue("{}");
      return true;
    } catch (JacksonException e) {
      return false;
    }
  }

  /** What a map may have as the type of its keys if this is one: {@code ZoneId} for a region. */
  private static Set<Class<?>> typesOf(Class<?> key) {
    Set<Class<?>> types = new LinkedHashSet<>();
    List<Class<?>> open = new ArrayList<>(List.of(key));
    while (!open.isEmpty()) {
      Class<?> type = open.removeFirst();
      if (!ANYTHING.contains(type) && types.add(type)) {
        open.addAll(List.of(type.getInterfaces()));
        if (type.getSuperclass() != null) {
          open.add(type.getSuperclass());
        }
      }
    }
    return types;
  }
}
