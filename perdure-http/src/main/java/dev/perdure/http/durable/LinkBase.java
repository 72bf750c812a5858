package dev.perdure.http.durable;

import dev.perdure.http.Origin;
import dev.perdure.http.PercentCoding;
import dev.perdure.http.Request;
import org.jspecify.annotations.Nullable;

/**
 * What all links to one hub have in common. Immutable.
 *
 * @param address where the API is, without a slash at its end
 * @param hub the hub
 * @param key the key that links carry; null for none
 */
public record LinkBase(String address, String hub, @Nullable String key) {
  /** What Durable Functions names the connection of a hub that names none. */
  private static final String CONNECTION = "Storage";

  /** Links that whoever sent a request can follow. */
  public static LinkBase of(Request request, String hub, DurableHttpOptions options) {
    return new LinkBase(
        Origin.of(request, options.trustForwarded()).address(DurableHttpApi.PATH),
        hub,
        options.linkKey());
  }

  /** The links of an instance. */
  public ManagementLinks instance(String instanceId) {
    return new ManagementLinks(instanceId, this, false);
  }

  String parameters() {
    return "taskHub="
        + PercentCoding.encode(hub)
        + "&connection="
        + CONNECTION
        + (key == null ? "" : "&code=" + PercentCoding.encode(key));
  }

  /** Does not show the key. */
  @Override
  public String toString() {
    return "LinkBase[" + address + ", " + hub + "]";
  }
}
