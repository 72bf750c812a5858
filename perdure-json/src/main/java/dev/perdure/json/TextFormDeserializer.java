package dev.perdure.json;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.std.DelegatingDeserializer;

/** Reads a {@link TextForm}, and what earlier versions wrote, or a property asks for. */
final class TextFormDeserializer extends DelegatingDeserializer {
  private final TextForm<?> form;

  TextFormDeserializer(TextForm<?> form, ValueDeserializer<?> deserializer) {
    super(deserializer);
    this.form = form;
  }

  @Override
  protected TextFormDeserializer newDelegatingInstance(ValueDeserializer<?> other) {
    return new TextFormDeserializer(form, other);
  }

  @Override
  public ValueDeserializer<?> createContextual(
      DeserializationContext context, BeanProperty property) {
    return TextForm.isSetFor(property, context.getConfig(), handledType())
        ? _delegatee.createContextual(context, property)
        : super.createContextual(context, property);
  }

  @Override
  public Object deserialize(JsonParser parser, DeserializationContext context) {
    if (parser.hasToken(JsonToken.VALUE_STRING)) {
      try {
        return form.read().apply(parser.getString());
      } catch (RuntimeException e) {
        // Another form.
      }
    }
    return super.deserialize(parser, context);
  }
}
