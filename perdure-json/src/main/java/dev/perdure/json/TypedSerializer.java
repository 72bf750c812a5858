package dev.perdure.json;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.util.NameTransformer;

/**
 * Writes the type id of a polymorphic class wherever a value of it stands. Jackson does so only
 * where the declared type asks for it: a {@code List<Shape>} that is written as it is, by its
 * class, would lose the ids and could not be read as the {@code List<Shape>} it was.
 */
final class TypedSerializer extends ValueSerializer<Object> {
  private final JavaType type;
  private final ValueSerializer<Object> serializer;
  private @Nullable TypeSerializer typeSerializer;

  @SuppressWarnings("unchecked")
  TypedSerializer(JavaType type, ValueSerializer<?> serializer) {
    this.type = type;
    this.serializer = (ValueSerializer<Object>) serializer;
  }

  @Override
  public void resolve(SerializationContext context) {
    serializer.resolve(context);
    typeSerializer = context.findTypeSerializer(type);
  }

  @Override
  public ValueSerializer<?> createContextual(SerializationContext context, BeanProperty property) {
    return around(serializer.createContextual(context, property));
  }

  @Override
  public ValueSerializer<?> withIgnoredProperties(Set<String> ignored) {
    return around(serializer.withIgnoredProperties(ignored));
  }

  @Override
  public ValueSerializer<?> withFilterId(Object filterId) {
    return around(serializer.withFilterId(filterId));
  }

  private TypedSerializer around(ValueSerializer<?> changed) {
    if (changed.equals(serializer)) {
      return this;
    }
    TypedSerializer copy = new TypedSerializer(type, changed);
    copy.typeSerializer = typeSerializer;
    return copy;
  }

  @Override
  public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
    if (typeSerializer == null) {
      serializer.serialize(value, generator, context);
    } else {
      serializer.serializeWithType(value, generator, context, typeSerializer);
    }
  }

  @Override
  public void serializeWithType(
      Object value,
      JsonGenerator generator,
      SerializationContext context,
      TypeSerializer declaredType) {
    serializer.serializeWithType(value, generator, context, declaredType);
  }

  @Override
  public boolean isEmpty(SerializationContext context, Object value) {
    return serializer.isEmpty(context, value);
  }

  @Override
  public boolean usesObjectId() {
    return serializer.usesObjectId();
  }

  @Override
  public boolean isUnwrappingSerializer() {
    return serializer.isUnwrappingSerializer();
  }

  @Override
  public ValueSerializer<Object> unwrappingSerializer(NameTransformer unwrapper) {
    return serializer.unwrappingSerializer(unwrapper);
  }

  @Override
  public Class<?> handledType() {
    return serializer.handledType();
  }
}
