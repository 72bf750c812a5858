package dev.perdure.iothub.amqp;

import dev.perdure.iothub.device.Policy;
import dev.perdure.iothub.device.SasToken;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one connection may do. */
final class Authorization {
  private final Policy policy;
  private final boolean isRequired;

  /** Paths, in lower case, with the time until which what is below them may be used. */
  private final Map<String, Instant> grants = new HashMap<>();

  private boolean hasKey;

  /**
   * @param isRequired whether anything is checked at all
   */
  Authorization(Policy policy, boolean isRequired) {
    this.policy = policy;
    this.isRequired = isRequired;
  }

  /** Takes a name and key as of SASL PLAIN; false if they are wrong. */
  boolean offerKey(String name, String key) {
    hasKey = policy.matches(name, key);
    return hasKey || !isRequired;
  }

  /**
   * Takes a token.
   *
   * @throws Refusal if it is not good
   */
  void offerToken(@Nullable String text, Instant now) throws Refusal {
    if (!isRequired) {
      return;
    }
    SasToken token = check(text, now);
    grants.merge(
        EntityAddress.path(token.resource()).toLowerCase(Locale.ROOT),
        token.expiresAt(),
        (one, other) -> one.isAfter(other) ? one : other);
  }

  private SasToken check(@Nullable String text, Instant now) throws Refusal {
    SasToken token = text == null ? null : SasToken.parse(text);
    if (token == null) {
      throw new Refusal(
          Refusal.UNAUTHORIZED, "This is not a shared access signature. Send one of the hub.");
    }
    if (!policy.signed(token)) {
      throw new Refusal(
          Refusal.UNAUTHORIZED,
          "The signature is wrong. Use the name and key of the hub's connection string.");
    }
    if (!token.expiresAt().isAfter(now)) {
      throw new Refusal(Refusal.UNAUTHORIZED, "The token has expired. Send a newer one.");
    }
    return token;
  }

  /**
   * Lets pass who may use an entity.
   *
   * @throws Refusal if no good token was sent for it
   */
  void require(String entity, Instant now) throws Refusal {
    if (!allows(entity, now)) {
      throw new Refusal(
          Refusal.UNAUTHORIZED,
          "No token that is good allows '%s'. Send one to $cbs first, for this entity or one above it."
              .formatted(entity));
    }
  }

  boolean allows(String entity, Instant now) {
    if (!isRequired || hasKey) {
      return true;
    }
    String path = EntityAddress.path(entity).toLowerCase(Locale.ROOT);
    return grants.entrySet().stream()
        .anyMatch(grant -> grant.getValue().isAfter(now) && isWithin(path, grant.getKey()));
  }

  private static boolean isWithin(String path, String granted) {
    return granted.isEmpty() || path.equals(granted) || path.startsWith(granted + "/");
  }
}
