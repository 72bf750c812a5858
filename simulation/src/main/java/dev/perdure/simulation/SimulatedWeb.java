package dev.perdure.simulation;

import dev.perdure.api.ActivityContext;
import dev.perdure.api.DurableHttpResponse;
import dev.perdure.engine.functions.ActivityFunction;
import dev.perdure.engine.http.HttpActivity;
import java.lang.reflect.Type;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers HTTP requests in the place of a network. What it answers is in the address: how often the
 * operation is still under way, and how many attempts of each request fail.
 */
final class SimulatedWeb implements ActivityFunction {
  static URI address(int polls, int failures) {
    return URI.create("http://shop.test/%d/%d".formatted(polls, failures));
  }

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
  public Object invoke(ActivityContext ctx, @Nullable Object input) {
    HttpActivity.Wire request = (HttpActivity.Wire) Objects.requireNonNull(input);
    String[] path = URI.create(request.uri()).getPath().split("/", -1);
    int polls = Integer.parseInt(path[1]);
    int failures = Integer.parseInt(path[2]);
    if (ctx.attempt() <= failures) {
      throw new IllegalStateException("attempt " + ctx.attempt());
    }
    return polls == 0
        ? new DurableHttpResponse(200, Map.of(), "fetched")
        : new DurableHttpResponse(
            202,
            Map.of(
                "location",
                List.of(address(polls - 1, failures).toString()),
                "retry-after",
                List.of("2")),
            null);
  }
}
