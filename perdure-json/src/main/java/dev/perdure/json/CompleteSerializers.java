package dev.perdure.json;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.bean.BeanSerializerBase;
import tools.jackson.databind.ser.std.StdSerializer;

/** Sees to it that what is written can be read again, or is refused when it is written. */
final class CompleteSerializers extends ValueSerializerModifier {
  private static final long serialVersionUID = 1L;

  @Override
  public ValueSerializer<?> modifySerializer(
      SerializationConfig config,
      BeanDescription.Supplier description,
      ValueSerializer<?> serializer) {
    Class<?> type = description.getBeanClass();
    if (serializer instanceof BeanSerializerBase && isOpaque(type)) {
      return new Refusal(type);
    }
    return isPolymorphic(config, description)
        ? new TypedSerializer(description.getType(), serializer)
        : serializer;
  }

  /**
   * Classes of the JDK that Jackson does not know are futures, threads, bit sets: they have getters
   * but are not made of them.
   */
  private static boolean isOpaque(Class<?> type) {
    return type.getName().startsWith("java.")
        && !Throwable.class.isAssignableFrom(type)
        && type != StackTraceElement.class;
  }

  private static boolean isPolymorphic(
      SerializationConfig config, BeanDescription.Supplier description) {
    return config
            .getAnnotationIntrospector()
            .findPolymorphicTypeInfo(config, description.getClassInfo())
        != null;
  }

  private static final class Refusal extends StdSerializer<Object> {
    Refusal(Class<?> type) {
      super(type);
    }

    @Override
    public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
      context.reportBadDefinition(
          context.constructType(handledType()),
          "%s has no form as JSON".formatted(handledType().getName()));
    }
  }
}
