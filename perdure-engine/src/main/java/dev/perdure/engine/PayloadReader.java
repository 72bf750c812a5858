package dev.perdure.engine;

import dev.perdure.api.DataConversionException;
import dev.perdure.api.DataConverter;
import dev.perdure.api.Payload;
import java.lang.reflect.Type;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads payloads, and says in errors which one it was: a converter sees but its bytes. */
public final class PayloadReader {
  private PayloadReader() {}

  /**
   * Reads a payload.
   *
   * @param what what it is, such as <i>the input of activity 'pack'</i>; asked for errors only
   * @throws DataConversionException if it does not fit the type, whatever the converter throws
   */
  public static @Nullable Object read(
      DataConverter converter, Payload payload, Type type, Supplier<String> what) {
    try {
      return converter.fromPayload(payload, type);
    } catch (DataConversionException e) {
      throw new DataConversionException(
          "%s does not fit: %s".formatted(capital(what.get()), withoutCode(e)), e.getCause());
    } catch (RuntimeException e) {
      throw new DataConversionException(
          "%s could not be read as %s: %s".formatted(capital(what.get()), type.getTypeName(), e),
          e);
    }
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  private static String withoutCode(DataConversionException e) {
    String message = String.valueOf(e.getMessage());
    String prefix = e.code() + ": ";
    return message.startsWith(prefix) ? message.substring(prefix.length()) : message;
  }
}
