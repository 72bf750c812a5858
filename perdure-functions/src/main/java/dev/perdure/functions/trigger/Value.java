package dev.perdure.functions.trigger;

import dev.perdure.api.Payload;
import dev.perdure.http.Request;
import java.net.URI;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A value that comes from outside. How it becomes a parameter depends on its shape and on the type
 * of the parameter.
 */
public sealed interface Value {
  /** Nothing. */
  Value NOTHING = new Nothing();

  /** Nothing; use {@link #NOTHING}. */
  record Nothing() implements Value {}

  /** Plain text. It may be JSON, and is read as such for parameters that are no text. */
  record Text(String text) implements Value {}

  /**
   * A structure, as JSON.
   *
   * @param json the JSON
   * @param plainStrings whether a parameter that is text gets the content of a JSON string, rather
   *     than the JSON itself, which has quotes
   */
  record Json(String json, boolean plainStrings) implements Value {
    /** JSON that is passed as it is to parameters that are text. */
    public Json(String json) {
      this(json, false);
    }
  }

  /**
   * A structure, as JSON, that becomes an object of another class than that of the parameter.
   *
   * @param json the JSON
   * @param subtype gives the class to a parameter's class: one that extends it, or the same
   */
  record Subtype(String json, UnaryOperator<Class<?>> subtype) implements Value {}

  /** Bytes. */
  record Bytes(Payload bytes) implements Value {}

  /** Several texts. */
  record Texts(List<String> texts) implements Value {
    /** Copies the list. */
    public Texts {
      texts = List.copyOf(texts);
    }
  }

  /** Several byte arrays. */
  record ManyBytes(List<Payload> items) implements Value {
    /** Copies the list. */
    public ManyBytes {
      items = List.copyOf(items);
    }
  }

  /** Several numbers, all {@code Long} or all {@code Double}. */
  record Numbers(List<Number> numbers) implements Value {
    /** Copies the list. */
    public Numbers {
      numbers = List.copyOf(numbers);
    }
  }

  /**
   * An HTTP request.
   *
   * @param request the request
   * @param uri its address as the caller knows it
   * @param withEmpty whether functions see parameters of the query that have no value
   */
  record Http(Request request, URI uri, boolean withEmpty) implements Value {
    /** A request of which functions see parameters with values only. */
    public Http(Request request, URI uri) {
      this(request, uri, false);
    }
  }
}
