package dev.perdure.api;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * Turns values into payloads and back. The default writes JSON.
 *
 * <p>Implementations are thread-safe and deterministic: equal values give equal bytes. What one
 * version of a program wrote, the next must be able to read.
 */
public interface DataConverter {
  /**
   * Serializes a value.
   *
   * @param value any value the converter supports, null included
   * @throws DataConversionException if the value cannot be written; the message says why
   */
  Payload toPayload(@Nullable Object value);

  /**
   * Reads a value back.
   *
   * @param payload what {@link #toPayload} wrote, possibly in an older version of the program
   * @param type the wanted type: a class or a parameterized type (see {@link TypeRef})
   * @return the value; null where null was written
   * @throws DataConversionException if the payload does not fit the type; the message says where
   */
  @Nullable Object fromPayload(Payload payload, Type type);
}
