package dev.perdure.http;

import dev.perdure.api.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A request that has been read whole. Immutable.
 *
 * @param method the method, in upper case
 * @param rawPath the path as it came, still encoded
 * @param rawQuery what followed the question mark, still encoded; null without one
 * @param headers the header fields
 * @param body the body; no bytes if there is none
 * @param secure whether it came over TLS
 * @param values the values of the parameters of the route that it matched, decoded
 * @param closing ends waits when the server that took the request begins to close
 */
public record Request(
    String method,
    String rawPath,
    @Nullable String rawQuery,
    Headers headers,
    Payload body,
    boolean secure,
    Map<String, String> values,
    Closing closing) {
  /** Copies the values. */
  public Request {
    values = Map.copyOf(values);
  }

  /** A request without headers and body, for a path that may have a query. */
  public static Request of(String method, String pathAndQuery) {
    int question = pathAndQuery.indexOf('?');
    return new Request(
        method,
        question < 0 ? pathAndQuery : pathAndQuery.substring(0, question),
        question < 0 ? null : pathAndQuery.substring(question + 1),
        Headers.NONE,
        Payload.EMPTY,
        false,
        Map.of(),
        new Closing());
  }

  /** This request with another method. */
  Request withMethod(String chosen) {
    return new Request(chosen, rawPath, rawQuery, headers, body, secure, values, closing);
  }

  /** This request with another header field. */
  public Request withHeader(String name, String value) {
    return new Request(
        method, rawPath, rawQuery, headers.with(name, value), body, secure, values, closing);
  }

  /** This request with a body. */
  public Request withBody(Payload chosen) {
    return new Request(method, rawPath, rawQuery, headers, chosen, secure, values, closing);
  }

  /** This request with the values of a route's parameters. */
  public Request withValues(Map<String, String> chosen) {
    return new Request(method, rawPath, rawQuery, headers, body, secure, chosen, closing);
  }

  /** The parameters of the query; read anew with each call. */
  public QueryParameters query() {
    return QueryParameters.parse(rawQuery);
  }

  /** The path as it came, with the query. */
  public String target() {
    return rawQuery == null ? rawPath : rawPath + "?" + rawQuery;
  }

  /** The segments of the path, decoded; slashes at the beginning and the end do not count. */
  public List<String> segments() {
    return segments(PercentCoding::decodeSegment);
  }

  /** The segments of the path, decoded in another way. */
  public List<String> segments(UnaryOperator<String> decoding) {
    int from = 0;
    int to = rawPath.length();
    while (from < to && rawPath.charAt(from) == '/') {
      from++;
    }
    while (to > from && rawPath.charAt(to - 1) == '/') {
      to--;
    }
    List<String> segments = new ArrayList<>();
    while (from < to) {
      int slash = rawPath.indexOf('/', from);
      int end = slash < 0 || slash > to ? to : slash;
      segments.add(decoding.apply(rawPath.substring(from, end)));
      from = end + 1;
    }
    return segments;
  }

  /**
   * The media type of the body, in lower case and without parameters; null if none is given.
   *
   * @return such as {@code application/json}
   */
  public @Nullable String mediaType() {
    String type = headers.first("Content-Type");
    if (type == null) {
      return null;
    }
    int semicolon = type.indexOf(';');
    return (semicolon < 0 ? type : type.substring(0, semicolon))
        .strip()
        .toLowerCase(java.util.Locale.ROOT);
  }

  /** Shows neither query, header values nor body, so that it may be logged. */
  @Override
  public String toString() {
    return method + " " + rawPath;
  }
}
