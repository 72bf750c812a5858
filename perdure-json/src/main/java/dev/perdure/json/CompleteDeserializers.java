package dev.perdure.json;

import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.jdk.EnumSetDeserializer;
import tools.jackson.databind.type.CollectionType;

/** Sees to it that what {@link CompleteSerializers} writes is read. */
final class CompleteDeserializers extends ValueDeserializerModifier {
  private static final long serialVersionUID = 1L;

  @Override
  public ValueDeserializer<?> modifyCollectionDeserializer(
      DeserializationConfig config,
      CollectionType type,
      BeanDescription.Supplier description,
      ValueDeserializer<?> deserializer) {
    return deserializer instanceof EnumSetDeserializer set
        ? set.withDeserializer(new ConstantDeserializer(type.getContentType()))
        : deserializer;
  }
}
