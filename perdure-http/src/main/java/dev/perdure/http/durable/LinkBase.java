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
 * @param connectionName the name of the connection
 * @param key the key that links carry; null for none
 */
public record LinkBase(String address, String hub, String connectionName, @Nullable String key) {
  /** Links that whoever sent a request can follow. */
  public static LinkBase of(Request request, String hub, DurableHttpOptions options) {
    return new LinkBase(
        Origin.of(request, options.trustForwarded()).address(DurableHttpApi.PATH),
        hub,
        options.connectionName(),
        options.linkKey());
  }

  /** The links of an instance. */
  public ManagementLinks instance(String instanceId) {
    return new ManagementLinks(instanceId, this, false);
  }

  /** Where orchestrations are started; {@code {functionName}[/{instanceId}]} is to be replaced. */
  public String createNewInstancePostUri() {
    return address
        + "/orchestrators/{functionName}[/{instanceId}]"
        + (key == null ? "" : "?code=" + PercentCoding.encode(key));
  }

  /** As {@link #createNewInstancePostUri}, and the answer waits for the end. */
  public String createAndWaitOnNewInstancePostUri() {
    return address
        + "/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}"
        + (key == null ? "" : "&code=" + PercentCoding.encode(key));
  }

  String parameters() {
    return "taskHub="
        + PercentCoding.encode(hub)
        + "&connection="
        + PercentCoding.encode(connectionName)
        + (key == null ? "" : "&code=" + PercentCoding.encode(key));
  }

  /** Does not show the key. */
  @Override
  public String toString() {
    return "LinkBase[" + address + ", " + hub + "]";
  }
}
