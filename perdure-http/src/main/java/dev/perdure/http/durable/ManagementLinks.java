package dev.perdure.http.durable;

import dev.perdure.http.PercentCoding;
import dev.perdure.http.Response;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where an instance is read and changed. Immutable.
 *
 * @param instanceId the instance
 * @param base what all links have in common
 * @param failureIsServerError whether the status of a failed instance is to be answered with 500
 */
public record ManagementLinks(String instanceId, LinkBase base, boolean failureIsServerError) {
  private static final String RETRY_AFTER_SECONDS = "10";

  /** These links, with a status that is answered with 500 if the instance failed. */
  public ManagementLinks withFailureIsServerError(boolean whether) {
    return new ManagementLinks(instanceId, base, whether);
  }

  private String instance(String operation) {
    return base.address() + "/instances/" + PercentCoding.encode(instanceId) + operation;
  }

  private String withReason(String operation) {
    return instance("/" + operation) + "?reason={text}&" + base.parameters();
  }

  /** Where the status is read, and the instance is purged. */
  public String statusQueryGetUri() {
    return instance("")
        + "?"
        + base.parameters()
        + (failureIsServerError ? "&returnInternalServerErrorOnFailure=true" : "");
  }

  /** All links by their usual names, with that for rewinding or without. */
  public Map<String, String> byName(boolean withRewind) {
    Map<String, String> links = new LinkedHashMap<>();
    links.put("id", instanceId);
    links.put("statusQueryGetUri", statusQueryGetUri());
    links.put("sendEventPostUri", instance("/raiseEvent/{eventName}") + "?" + base.parameters());
    links.put("terminatePostUri", withReason("terminate"));
    if (withRewind) {
      links.put("rewindPostUri", withReason("rewind"));
    }
    links.put("purgeHistoryDeleteUri", statusQueryGetUri());
    links.put("restartPostUri", instance("/restart") + "?" + base.parameters());
    links.put("suspendPostUri", withReason("suspend"));
    links.put("resumePostUri", withReason("resume"));
    return links;
  }

  /** The answer to whoever has started the instance: 202, with the links. */
  public Response checkStatusResponse() {
    return Response.json(
            202,
            Json.object(json -> byName(false).forEach((name, link) -> Json.text(json, name, link))))
        .withHeader("Location", statusQueryGetUri())
        .withHeader("Retry-After", RETRY_AFTER_SECONDS);
  }
}
