package dev.perdure.functions.durable;

import dev.perdure.api.ActivityContext;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.http.HttpActivity;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The activity behind {@code DurableHttp.callHttp} of the durable library of apps, which calls it
 * by name and leaves it to the host. It makes one request, follows redirects, and gives back
 * status, headers and body whatever the status, unless the request says which statuses fail it. To
 * poll after a 202 and to try again is up to the orchestrator. Safe from any thread.
 *
 * <p>Modelled on the activity of the reference host, with one difference: values of a header that
 * came several times are one text, with commas between them, as HTTP allows; the library cannot
 * read a list.
 */
public final class HttpCalls implements AutoCloseable {
  /** The name by which the durable library calls it. */
  public static final String NAME = "BuiltIn::HttpActivity";

  private final HttpActivity http = new HttpActivity();

  /** Makes it one of the functions of a host. */
  public void register(FunctionRegistry.Builder functions) {
    Type anything = Object.class;
    functions.activity(NAME, anything, anything, 0, this::call);
  }

  private Object call(ActivityContext ctx, @Nullable Object input)
      throws IOException, InterruptedException {
    HttpCallInput call = HttpCallInput.read(input);
    HttpActivity.Wire request = HttpActivity.Wire.of(call.request());
    HttpActivity.Answer answer = http.exchange(request, ctx);
    if (call.isFailure(answer.statusCode())) {
      throw new IOException(
          "%s was answered with status %d, which the retryOptions of the request call a failure. Whether it is made again is up to the retry policy of the call."
              .formatted(request, answer.statusCode()));
    }
    Map<String, Object> output = new LinkedHashMap<>();
    output.put("statusCode", answer.statusCode());
    output.put("headers", headers(answer.headers()));
    output.put("content", answer.body() == null ? "" : answer.body());
    return output;
  }

  private static Map<String, String> headers(Map<String, List<String>> headers) {
    Map<String, String> texts = new LinkedHashMap<>();
    headers.forEach(
        (name, values) -> texts.put(HeaderNames.usual(name), String.join(", ", values)));
    return texts;
  }

  /** Ends all connections; requests that are being made fail. */
  @Override
  public void close() {
    http.close();
  }
}
