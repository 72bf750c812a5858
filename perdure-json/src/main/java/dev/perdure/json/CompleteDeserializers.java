package dev.perdure.json;

import java.util.GregorianCalendar;
import java.util.Locale;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.jdk.EnumSetDeserializer;
import tools.jackson.databind.type.CollectionType;

/** Sees to it that what {@link CompleteSerializers} writes is read. */
final class CompleteDeserializers extends ValueDeserializerModifier {
  private static final long serialVersionUID = 1L;

  @Override
  public ValueDeserializer<?> modifyDeserializer(
      DeserializationConfig config,
      BeanDescription.Supplier description,
      ValueDeserializer<?> deserializer) {
    Class<?> type = description.getBeanClass();
    TextForm<?> form = TextForm.of(type);
    return form != null && (type == form.type() || type == GregorianCalendar.class)
        ? new TextFormDeserializer(form, deserializer)
        : deserializer;
  }

  @Override
  public KeyDeserializer modifyKeyDeserializer(
      DeserializationConfig config, JavaType type, KeyDeserializer deserializer) {
    return type.hasRawClass(Locale.class) ? new LocaleKeys.Reader(deserializer) : deserializer;
  }

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
