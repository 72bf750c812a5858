package dev.perdure.testing;

import dev.perdure.api.ActivityContext;
import dev.perdure.api.DurableHttpResponse;
import dev.perdure.engine.functions.ActivityFunction;
import dev.perdure.engine.http.HttpActivity;
import dev.perdure.engine.http.HttpStatusException;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Answers HTTP requests instead of a network. */
record HttpReplacement(TestHub.HttpAnswer answers) implements ActivityFunction {
  @Override
  public String name() {
    return HttpActivity.NAME;
  }

  @Override
  public Type inputType() {
    return HttpActivity.Wire.class;
  }

  @Override
  public Type outputType() {
    return DurableHttpResponse.class;
  }

  @Override
  public int maxConcurrent() {
    return 0;
  }

  @Override
  public @Nullable Object invoke(ActivityContext ctx, @Nullable Object input) throws Exception {
    if (!(input instanceof HttpActivity.Wire request)) {
      throw new IllegalArgumentException("An HTTP request is missing. Use callHttp.");
    }
    DurableHttpResponse response = answers.to(request.toRequest());
    if (request.failOn5xx() && response.statusCode() >= 500) {
      throw new HttpStatusException(request.toString(), response.statusCode()); // as in production
    }
    return response;
  }
}
