package dev.perdure.functions.invoke;

import dev.perdure.http.Headers;
import dev.perdure.http.QueryParameters;
import dev.perdure.http.Request;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What functions see of a request by name. */
public final class RequestTexts {
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
}
