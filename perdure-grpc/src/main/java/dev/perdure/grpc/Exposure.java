package dev.perdure.grpc;

import dev.perdure.grpc.GrpcServerOptions.Tls;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Sees to it that nobody opens a server to others by accident. */
final class Exposure {
  private Exposure() {}

  /**
   * The address to listen on.
   *
   * @throws ServerStartException if it is unknown, or may be reached from elsewhere without the
   *     protection that this takes
   */
  static InetAddress checked(GrpcServerOptions options) {
    InetAddress address;
    try {
      address = InetAddress.getByName(options.host());
    } catch (UnknownHostException e) {
      throw new ServerStartException(
          ServerStartException.ADDRESS,
          "The address '%s' to listen on is unknown. Give one of this machine, such as 127.0.0.1, or 0.0.0.0 for all."
              .formatted(options.host()),
          e);
    }
    if (!address.isLoopbackAddress()) {
      refuseUnprotected(options);
    }
    return address;
  }

  private static void refuseUnprotected(GrpcServerOptions options) {
    Tls tls = options.tls();
    List<String> open = new ArrayList<>();
    if (tls == null && !options.allowPlaintext()) {
      open.add(
          "without TLS, so that what it sends and its callers' secrets could be read on the way"
              + " (configure a certificate and a key, or allow plain text with allowPlaintext)");
    }
    if (!options.asksWhoCalls() && !options.allowUnauthenticated()) {
      open.add(
          "without authentication, so that anybody could start, read and delete orchestrations"
              + " (configure bearer tokens, API keys or trusted client certificates, or allow"
              + " everybody with allowUnauthenticated)");
    }
    if (!open.isEmpty()) {
      throw new ServerStartException(
          ServerStartException.UNPROTECTED,
          "The server would listen on '%s', which others can reach, %s. It was not started. On 127.0.0.1 it may."
              .formatted(options.host(), String.join(", and ", open)),
          null);
    }
  }
}
