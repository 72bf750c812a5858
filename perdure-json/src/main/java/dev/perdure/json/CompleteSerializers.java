package dev.perdure.json;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Locale;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.bean.BeanSerializerBase;
import tools.jackson.databind.ser.jdk.JDKKeySerializers;
import tools.jackson.databind.ser.jdk.MapSerializer;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.type.CollectionType;
import tools.jackson.databind.type.MapType;

/**
 * Sees to it that what is written can be read again, or is refused when it is written, and that
 * equal values give equal bytes.
 */
final class CompleteSerializers extends ValueSerializerModifier {
  private static final long serialVersionUID = 1L;

  private static final String NO_FORM = " has no form as JSON";

  private static final String NO_KEY =
      " is the key of a map, and keys are texts in JSON: put @JsonKey on what stands for it";

  @Override
  public ValueSerializer<?> modifySerializer(
      SerializationConfig config,
      BeanDescription.Supplier description,
      ValueSerializer<?> serializer) {
    Class<?> type = description.getBeanClass();
    if (serializer instanceof BeanSerializerBase && isOpaque(type)) {
      return new Refusal(type, NO_FORM);
    }
    TextForm<?> form = TextForm.of(type);
    if (form != null) {
      return new TextFormSerializer(form, serializer);
    }
    return isPolymorphic(config, description)
        ? new TypedSerializer(description.getType(), serializer)
        : serializer;
  }

  @Override
  public ValueSerializer<?> modifyCollectionSerializer(
      SerializationConfig config,
      CollectionType type,
      BeanDescription.Supplier description,
      ValueSerializer<?> serializer) {
    return type.isTypeOrSubTypeOf(Set.class) ? new OrderedSetSerializer(serializer) : serializer;
  }

  @Override
  public ValueSerializer<?> modifyMapSerializer(
      SerializationConfig config,
      MapType type,
      BeanDescription.Supplier description,
      ValueSerializer<?> serializer) {
    if (!(serializer instanceof MapSerializer maps)) {
      return serializer;
    }
    Object filterId =
        config.getAnnotationIntrospector().findFilterId(config, description.getClassInfo());
    return OrderedMapSerializer.of(maps, filterId);
  }

  /** Keys that nothing else is known of are written as {@code toString} shows them, or refused. */
  @Override
  public ValueSerializer<?> modifyKeySerializer(
      SerializationConfig config,
      JavaType type,
      BeanDescription.Supplier description,
      ValueSerializer<?> serializer) {
    Class<?> key = type.getRawClass();
    if (key == Locale.class) {
      return new LocaleKeys.Writer(serializer);
    }
    if (!(serializer instanceof JDKKeySerializers.Default) || type.isEnumImplType()) {
      return serializer;
    }
    return hasNoTextOfItsOwn(key)
        ? new Refusal(key, NO_KEY)
        : new ReadableKeySerializer(key, serializer);
  }

  /** Whether {@code toString} shows what the compiler or {@code Object} makes of an object. */
  private static boolean hasNoTextOfItsOwn(Class<?> type) {
    try {
      Method toString = type.getMethod("toString");
      // Of a record it is final, unless somebody has written one.
      return toString.getDeclaringClass() == Object.class
          || (type.isRecord() && Modifier.isFinal(toString.getModifiers()));
    } catch (NoSuchMethodException e) {
      return false;
    }
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
    private final String reason;

    Refusal(Class<?> type, String reason) {
      super(type);
      this.reason = reason;
    }

    @Override
    public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
      context.reportBadDefinition(
          context.constructType(handledType()), handledType().getName() + reason);
    }
  }
}
