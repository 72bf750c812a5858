package dev.perdure.functions.host;

import dev.perdure.http.Cors;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a host is run. Immutable; start from {@link #of}.
 *
 * @param data where the task hub and the keys are; made if need be
 * @param address where to listen for HTTP
 * @param httpPort the port for HTTP; 0 picks a free one
 * @param grpcPort the port for gRPC; 0 picks a free one
 * @param grpcPortFixed whether no other port will do if that one is taken
 * @param keysOnLoopback whether keys are demanded also where only this machine can call; elsewhere
 *     they always are
 * @param trustForwarded whether addresses follow what a proxy in front of the host says
 * @param only names of the only functions to run; empty for all
 * @param cors which pages from elsewhere may use the host from within a browser
 */
public record HostOptions(
    Path data,
    String address,
    int httpPort,
    int grpcPort,
    boolean grpcPortFixed,
    boolean keysOnLoopback,
    boolean trustForwarded,
    Set<String> only,
    Cors cors) {
  /** The usual port for HTTP. */
  public static final int HTTP_PORT = 7071;

  /** The usual port for gRPC. */
  public static final int GRPC_PORT = 4001;

  /** Copies the names, which are compared without regard to case. */
  public HostOptions {
    Set<String> copy = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    copy.addAll(only);
    only = java.util.Collections.unmodifiableSet(copy);
  }

  /** Loopback only, on the usual ports, without keys. */
  public static HostOptions of(Path data) {
    return new HostOptions(
        data, "127.0.0.1", HTTP_PORT, GRPC_PORT, false, false, false, Set.of(), Cors.NONE);
  }

  /** These options with other ports. */
  public HostOptions withPorts(int http, int grpc, boolean grpcFixed) {
    return new HostOptions(
        data, address, http, grpc, grpcFixed, keysOnLoopback, trustForwarded, only, cors);
  }

  /** These options with another address. */
  public HostOptions withAddress(String chosen) {
    return new HostOptions(
        data,
        chosen,
        httpPort,
        grpcPort,
        grpcPortFixed,
        keysOnLoopback,
        trustForwarded,
        only,
        cors);
  }

  /** These options with other demands. */
  public HostOptions withAccess(boolean keys, boolean proxy) {
    return new HostOptions(
        data, address, httpPort, grpcPort, grpcPortFixed, keys, proxy, only, cors);
  }

  /** These options for some functions only. */
  public HostOptions withOnly(Set<String> functions) {
    return new HostOptions(
        data,
        address,
        httpPort,
        grpcPort,
        grpcPortFixed,
        keysOnLoopback,
        trustForwarded,
        functions,
        cors);
  }

  /** These options for some pages from elsewhere. */
  public HostOptions withCors(Cors pages) {
    return new HostOptions(
        data,
        address,
        httpPort,
        grpcPort,
        grpcPortFixed,
        keysOnLoopback,
        trustForwarded,
        only,
        pages);
  }
}
