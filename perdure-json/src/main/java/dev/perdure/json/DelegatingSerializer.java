package dev.perdure.json;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.util.NameTransformer;

/** Does one thing otherwise than the serializer that it stands in front of. */
abstract class DelegatingSerializer extends ValueSerializer<Object> {
  final ValueSerializer<Object> serializer;

  @SuppressWarnings("unchecked")
  DelegatingSerializer(ValueSerializer<?> serializer) {
    this.serializer = (ValueSerializer<Object>) serializer;
  }

  /** The same in front of another serializer. */
  abstract DelegatingSerializer around(ValueSerializer<?> other);

  private DelegatingSerializer aroundIfChanged(ValueSerializer<?> other) {
    return other.equals(serializer) ? this : around(other);
  }

  @Override
  public void resolve(SerializationContext context) {
    serializer.resolve(context);
  }

  @Override
  public ValueSerializer<?> createContextual(SerializationContext context, BeanProperty property) {
    return aroundIfChanged(serializer.createContextual(context, property));
  }

  @Override
  public ValueSerializer<?> withIgnoredProperties(Set<String> ignored) {
    return aroundIfChanged(serializer.withIgnoredProperties(ignored));
  }

  @Override
  public ValueSerializer<?> withFilterId(Object filterId) {
    return aroundIfChanged(serializer.withFilterId(filterId));
  }

  @Override
  public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
    serializer.serialize(value, generator, context);
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
  public boolean isEmpty(SerializationContext context, @Nullable Object value) {
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
