package dev.perdure.functions.invoke;

import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.HttpStatus;
import com.microsoft.azure.functions.HttpStatusType;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A response that a function has built. Immutable. */
public final class HttpResponse implements HttpResponseMessage {
  private final int status;
  private final Map<String, String> headers;
  private final @Nullable Object body;

  private HttpResponse(int status, Map<String, String> headers, @Nullable Object body) {
    Map<String, String> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    copy.putAll(headers);
    this.status = status;
    this.headers = Collections.unmodifiableMap(copy);
    this.body = body;
  }

  @Override
  public HttpStatusType getStatus() {
    return HttpStatusType.custom(status);
  }

  @Override
  public int getStatusCode() {
    return status;
  }

  @Override
  @SuppressWarnings("NullAway") // the interface says nothing of null
  public @Nullable String getHeader(String key) {
    return headers.get(key);
  }

  /** All header fields. */
  public Map<String, String> headers() {
    return headers;
  }

  @Override
  @SuppressWarnings("NullAway") // the interface says nothing of null
  public @Nullable Object getBody() {
    return body;
  }

  /** Builds responses. */
  static final class Builder implements HttpResponseMessage.Builder {
    private int status = HttpStatus.OK.value();
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private @Nullable Object body;

    @Override
    public Builder status(HttpStatusType chosen) {
      status = chosen.value();
      return this;
    }

    @Override
    public Builder header(String name, String value) {
      headers.put(name, value);
      return this;
    }

    @Override
    public Builder body(@Nullable Object chosen) {
      body = chosen;
      return this;
    }

    @Override
    public HttpResponse build() {
      return new HttpResponse(status, headers, body);
    }
  }
}
