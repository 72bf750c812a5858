package dev.perdure.json;

import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.SequencedCollection;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.jsontype.TypeSerializer;

/** Writes sets in their own order if they have one, and otherwise in a fixed one. */
final class OrderedSetSerializer extends DelegatingSerializer {
  OrderedSetSerializer(ValueSerializer<?> serializer) {
    super(serializer);
  }

  @Override
  OrderedSetSerializer around(ValueSerializer<?> other) {
    return new OrderedSetSerializer(other);
  }

  @Override
  public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
    super.serialize(inOrder(value), generator, context);
  }

  @Override
  public void serializeWithType(
      Object value,
      JsonGenerator generator,
      SerializationContext context,
      TypeSerializer declaredType) {
    super.serializeWithType(inOrder(value), generator, context, declaredType);
  }

  private static Object inOrder(Object value) {
    boolean isOrdered = value instanceof SequencedCollection<?> || value instanceof EnumSet<?>;
    return value instanceof Set<?> set && !isOrdered ? new LinkedHashSet<>(Order.of(set)) : value;
  }
}
