package dev.perdure.json;

import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;

/** Locales as keys of maps: as language tags, since what {@code toString} shows is not read. */
final class LocaleKeys {
  private LocaleKeys() {}

  static final class Writer extends DelegatingSerializer {
    Writer(ValueSerializer<?> serializer) {
      super(serializer);
    }

    @Override
    Writer around(ValueSerializer<?> other) {
      return new Writer(other);
    }

    @Override
    public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
      generator.writeName(((Locale) value).toLanguageTag());
    }
  }

  /** Reads what earlier versions wrote, too: {@code de_DE}. */
  static final class Reader extends KeyDeserializer {
    private final KeyDeserializer earlier;

    Reader(KeyDeserializer earlier) {
      this.earlier = earlier;
    }

    @Override
    public Object deserializeKey(String key, DeserializationContext context) {
      return key.isEmpty() || key.indexOf('_') >= 0
          ? earlier.deserializeKey(key, context)
          : Locale.forLanguageTag(key);
    }
  }
}
