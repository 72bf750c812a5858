package dev.perdure.http.durable;

import dev.perdure.api.PerdureClient;
import dev.perdure.engine.Requests;
import dev.perdure.http.Origin;
import dev.perdure.http.Request;

/**
 * A request whose hub has been found.
 *
 * @param request the request
 * @param wanted its query
 * @param hub the hub it is for
 * @param options how the API behaves
 */
record Call(Request request, Wanted wanted, TaskHub hub, DurableHttpOptions options) {
  Requests requests() {
    return hub.engine().requests();
  }

  PerdureClient client() {
    return hub.engine().client();
  }

  ManagementLinks links(String instanceId) {
    return LinkBase.of(request, hub.name(), options)
        .instance(instanceId)
        .withFailureIsServerError(failureIsServerError());
  }

  boolean failureIsServerError() {
    return wanted.flag("returnInternalServerErrorOnFailure", false);
  }

  /** The address of the request as the caller sees it. */
  String address() {
    return Origin.of(request, options.trustForwarded()).address(request.target());
  }
}
