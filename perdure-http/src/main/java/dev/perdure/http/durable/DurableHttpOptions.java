package dev.perdure.http.durable;

import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.http.Access;
import org.jspecify.annotations.Nullable;

/**
 * How the API behaves. Immutable; start from {@link #of}.
 *
 * @param access who is let in
 * @param linkKey the key that links carry; null for links without one
 * @param trustForwarded whether links follow what a proxy says of where callers reach it
 * @param idReuse what happens when an id is in use; as in Durable Functions, one that has ended is
 *     replaced
 */
public record DurableHttpOptions(
    Access access, @Nullable String linkKey, boolean trustForwarded, IdReusePolicy idReuse) {
  /** The name of the key that protects the API. */
  public static final String SYSTEM_KEY = "system/durabletask_extension";

  /** Whoever is let in, and otherwise as in Durable Functions. */
  public static DurableHttpOptions of(Access access, @Nullable String linkKey) {
    return new DurableHttpOptions(access, linkKey, false, IdReusePolicy.REPLACE_ENDED);
  }

  /** These options, with links that follow what a proxy says. */
  public DurableHttpOptions withTrustForwarded(boolean trust) {
    return new DurableHttpOptions(access, linkKey, trust, idReuse);
  }

  /** These options with another rule for ids that are in use. */
  public DurableHttpOptions withIdReuse(IdReusePolicy policy) {
    return new DurableHttpOptions(access, linkKey, trustForwarded, policy);
  }

  /** Does not show the key. */
  @Override
  public String toString() {
    return "DurableHttpOptions[trustForwarded=%s]".formatted(trustForwarded);
  }
}
