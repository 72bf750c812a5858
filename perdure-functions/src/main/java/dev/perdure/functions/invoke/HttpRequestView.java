package dev.perdure.functions.invoke;

import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.HttpStatus;
import com.microsoft.azure.functions.HttpStatusType;
import dev.perdure.functions.trigger.Value;
import dev.perdure.http.Request;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request as functions see it. */
final class HttpRequestView implements HttpRequestMessage<Object> {
  private final Value.Http http;
  private final @Nullable Object body;

  HttpRequestView(Value.Http http, @Nullable Object body) {
    this.http = http;
    this.body = body;
  }

  /**
   * The body: bytes if the function wants them or its type says so, else text; nothing if it is
   * empty.
   */
  static Value body(Request request, boolean wantsBytes) {
    if (request.body().size() == 0) {
      return Value.NOTHING;
    }
    if (wantsBytes || isBinary(request.mediaType())) {
      return new Value.Bytes(request.body());
    }
    return new Value.Text(RequestTexts.body(request));
  }

  private static boolean isBinary(@Nullable String type) {
    return type != null
        && (type.equals("application/octet-stream") || type.startsWith("multipart/"));
  }

  @Override
  public URI getUri() {
    return http.uri();
  }

  @Override
  public HttpMethod getHttpMethod() {
    return HttpMethod.value(http.request().method());
  }

  @Override
  public Map<String, String> getHeaders() {
    return RequestTexts.headers(http.request());
  }

  @Override
  public Map<String, String> getQueryParameters() {
    return RequestTexts.query(http.request(), http.withEmpty());
  }

  @Override
  @SuppressWarnings("NullAway") // the interface says nothing of null
  public @Nullable Object getBody() {
    return body;
  }

  @Override
  public HttpResponseMessage.Builder createResponseBuilder(HttpStatus status) {
    return new HttpResponse.Builder().status(status);
  }

  @Override
  public HttpResponseMessage.Builder createResponseBuilder(HttpStatusType status) {
    return new HttpResponse.Builder().status(status);
  }
}
