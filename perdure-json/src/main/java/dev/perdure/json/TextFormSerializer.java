package dev.perdure.json;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonToken;
import tools.jackson.core.type.WritableTypeId;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.jsontype.TypeSerializer;

/** Writes a {@link TextForm}, unless a property asks for a form of its own. */
final class TextFormSerializer extends DelegatingSerializer {
  private final TextForm<?> form;

  TextFormSerializer(TextForm<?> form, ValueSerializer<?> serializer) {
    super(serializer);
    this.form = form;
  }

  @Override
  TextFormSerializer around(ValueSerializer<?> other) {
    return new TextFormSerializer(form, other);
  }

  @Override
  public ValueSerializer<?> createContextual(SerializationContext context, BeanProperty property) {
    return TextForm.isSetFor(property, context.getConfig(), handledType())
        ? serializer.createContextual(context, property)
        : super.createContextual(context, property);
  }

  @Override
  public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
    String text;
    try {
      text = form.text(value);
    } catch (IllegalArgumentException e) {
      text = context.reportBadDefinition(handledType(), e.getMessage());
    }
    generator.writeString(text);
  }

  @Override
  public void serializeWithType(
      Object value,
      JsonGenerator generator,
      SerializationContext context,
      TypeSerializer declaredType) {
    WritableTypeId type =
        declaredType.writeTypePrefix(
            generator, context, declaredType.typeId(value, form.type(), JsonToken.VALUE_STRING));
    serialize(value, generator, context);
    declaredType.writeTypeSuffix(generator, context, type);
  }
}
