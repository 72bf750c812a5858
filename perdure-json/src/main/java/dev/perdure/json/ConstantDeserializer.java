package dev.perdure.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.jsontype.TypeDeserializer;

/**
 * Reads the elements of sets of an enum that belongs to a family of classes: they are written with
 * a type id, which Jackson does not expect in such sets. A name alone will do as well.
 */
final class ConstantDeserializer extends ValueDeserializer<Object> {
  private final JavaType type;

  ConstantDeserializer(JavaType type) {
    this.type = type;
  }

  @Override
  public ValueDeserializer<?> createContextual(
      DeserializationContext context, BeanProperty property) {
    ValueDeserializer<?> names = context.findContextualValueDeserializer(type, property);
    TypeDeserializer ids = context.findTypeDeserializer(type);
    return ids == null ? names : new WithIds(names, ids.forProperty(property));
  }

  @Override
  public Object deserialize(JsonParser parser, DeserializationContext context) {
    throw new IllegalStateException("It has not been made for its context yet.");
  }

  private static final class WithIds extends ValueDeserializer<Object> {
    private final ValueDeserializer<?> names;
    private final TypeDeserializer ids;

    WithIds(ValueDeserializer<?> names, TypeDeserializer ids) {
      this.names = names;
      this.ids = ids;
    }

    @Override
    public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
      return parser.hasToken(JsonToken.VALUE_STRING)
          ? names.deserialize(parser, context)
          : names.deserializeWithType(parser, context, ids);
    }
  }
}
