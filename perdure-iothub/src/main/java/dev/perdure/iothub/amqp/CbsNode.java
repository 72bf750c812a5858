package dev.perdure.iothub.amqp;

import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes tokens for a connection. */
final class CbsNode implements RequestNode {
  static final String ADDRESS = "$cbs";

  private final Authorization authorization;
  private final InstantSource clock;

  CbsNode(Authorization authorization, InstantSource clock) {
    this.authorization = authorization;
    this.clock = clock;
  }

  @Override
  public Answer answer(Map<String, Object> properties, @Nullable Object body) throws Refusal {
    if (!"put-token".equals(properties.get("operation"))) {
      throw new Refusal(
          Refusal.INVALID, "The operation is unknown here; the only one is put-token.");
    }
    authorization.offerToken(body == null ? null : body.toString(), clock.instant());
    return Answer.of(202, null);
  }
}
