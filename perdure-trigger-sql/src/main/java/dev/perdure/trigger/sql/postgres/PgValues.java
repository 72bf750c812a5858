package dev.perdure.trigger.sql.postgres;

import com.google.gson.stream.JsonWriter;
import dev.perdure.trigger.sql.connect.Money;
import java.io.IOException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Values of PostgreSQL in their text form, as JSON. */
final class PgValues {
  private PgValues() {}

  /**
   * Writes a value.
   *
   * @param type the object id of its type; of a domain, the one that it stands for
   * @param money how amounts of money are written; null if it is none
   * @param text the text form, with dates in ISO form and times in UTC; null for NULL
   */
  static void write(JsonWriter json, int type, @Nullable String text, @Nullable Money money)
      throws IOException {
    if (text == null) {
      json.nullValue();
      return;
    }
    switch (type) {
      case PgTypes.BOOL -> json.value(text.equals("t") || text.equals("true"));
      case PgTypes.INT2,
          PgTypes.INT4,
          PgTypes.INT8,
          PgTypes.OID,
          PgTypes.NUMERIC,
          PgTypes.FLOAT4,
          PgTypes.FLOAT8 ->
          number(json, text);
      case PgTypes.MONEY -> number(json, Objects.requireNonNull(money).number(text));
      case PgTypes.BYTEA -> json.value(base64(text));
      case PgTypes.TIMESTAMP -> json.value(text.replace(' ', 'T'));
      case PgTypes.TIMESTAMPTZ -> json.value(withOffset(text.replace(' ', 'T')));
      case PgTypes.TIMETZ -> json.value(withOffset(text));
      default -> json.value(text);
    }
  }

  /** JSON has no numbers for infinity and for what is no number. */
  private static void number(JsonWriter json, String text) throws IOException {
    if (Character.isLetter(text.charAt(text.length() - 1))) {
      json.value(text);
    } else {
      json.jsonValue(text);
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder()
        .encodeToString(HexFormat.of().parseHex(text, "\\x".length(), text.length()));
  }

  /** Offsets are written with minutes, unlike the server's {@code +00}. */
  private static String withOffset(String text) {
    int sign = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'));
    boolean isShort = sign > 0 && text.length() - sign == "+00".length();
    return isShort && !text.toLowerCase(Locale.ROOT).contains("infinity") ? text + ":00" : text;
  }
}
