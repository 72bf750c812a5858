package dev.perdure.http;

import dev.perdure.api.Payload;

/**
 * A response. Immutable.
 *
 * @param status the status code
 * @param headers the header fields; the length is added when it is sent
 * @param body the body; no bytes for none
 */
public record Response(int status, Headers headers, Payload body) {
  /** The content type of JSON. */
  public static final String JSON = "application/json; charset=utf-8";

  /** The content type of plain text. */
  public static final String TEXT = "text/plain; charset=utf-8";

  /** A status code alone. */
  public static Response empty(int status) {
    return new Response(status, Headers.NONE, Payload.EMPTY);
  }

  /** Plain text. */
  public static Response text(int status, String text) {
    return new Response(status, Headers.of("Content-Type", TEXT), Payload.of(text));
  }

  /** JSON. */
  public static Response json(int status, Payload json) {
    return new Response(status, Headers.of("Content-Type", JSON), json);
  }

  /** This response with a header field. */
  public Response withHeader(String name, String value) {
    return new Response(status, headers.with(name, value), body);
  }
}
