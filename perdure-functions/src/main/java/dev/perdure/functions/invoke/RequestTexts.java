package dev.perdure.functions.invoke;

import dev.perdure.http.Headers;
import dev.perdure.http.QueryParameters;
import dev.perdure.http.Request;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What functions see of a request by name. */
public final class RequestTexts {
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private RequestTexts() {}

  /**
   * Query parameters; repeated ones joined.
   *
   * @param withEmpty whether those without a value are among them
   */
  static Map<String, String> query(Request request, boolean withEmpty) {
    Map<String, String> query = new LinkedHashMap<>();
    for (QueryParameters.Parameter parameter : request.query().parameters()) {
      if (withEmpty || !parameter.value().isEmpty()) {
        query.merge(parameter.name(), parameter.value(), (a, b) -> a + "," + b);
      }
    }
    return query;
  }

  /** Header fields, their names in lower case, repeated ones joined. */
  public static Map<String, String> headers(Request request) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (Headers.Field field : request.headers().fields()) {
      headers.merge(field.name().toLowerCase(Locale.ROOT), field.value(), (a, b) -> a + "," + b);
    }
    return headers;
  }

  /** The body as text, in the characters that its type names, without a byte order mark. */
  public static String body(Request request) {
    Charset charset = charset(request);
    String text =
        charset.equals(StandardCharsets.UTF_8)
            ? request.body().text()
            : new String(request.body().bytes(), charset);
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
  }

  private static Charset charset(Request request) {
    String type = request.headers().first("Content-Type");
    int at = type == null ? -1 : type.toLowerCase(Locale.ROOT).indexOf("charset=");
    if (type == null || at < 0) {
      return StandardCharsets.UTF_8;
    }
    String name = type.substring(at + "charset=".length());
    int end = name.indexOf(';');
    name = (end < 0 ? name : name.substring(0, end)).strip().replace("\"", "");
    try {
      return Charset.forName(name);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      return StandardCharsets.UTF_8;
    }
  }
}
