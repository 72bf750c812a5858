package dev.perdure.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.jsontype.TypeSerializer;

/**
 * Writes the type id of a polymorphic class wherever a value of it stands. Jackson does so only
 * where the declared type asks for it: a {@code List<Shape>} that is written as it is, by its
 * class, would lose the ids and could not be read as the {@code List<Shape>} it was.
 */
final class TypedSerializer extends DelegatingSerializer {
  private final JavaType type;
  private @Nullable TypeSerializer typeSerializer;

  TypedSerializer(JavaType type, ValueSerializer<?> serializer) {
    super(serializer);
    this.type = type;
  }

  @Override
  TypedSerializer around(ValueSerializer<?> other) {
    TypedSerializer copy = new TypedSerializer(type, other);
    copy.typeSerializer = typeSerializer;
    return copy;
  }

  @Override
  public void resolve(SerializationContext context) {
    super.resolve(context);
    typeSerializer = context.findTypeSerializer(type);
  }

  @Override
  public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
    if (typeSerializer == null) {
      serializer.serialize(value, generator, context);
    } else {
      serializer.serializeWithType(value, generator, context, typeSerializer);
    }
  }
}
