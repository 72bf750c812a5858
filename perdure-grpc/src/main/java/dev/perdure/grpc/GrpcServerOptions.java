package dev.perdure.grpc;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a server listens and whom it lets in. Immutable; start from {@link #DEFAULTS}.
 *
 * @param host the address to listen on, or its name
 * @param ports the ports to listen on, one or more; 0 picks a free one
 * @param inboundBytesMax the largest message taken from a client or worker
 * @param inboundTogetherMax bytes of all messages that are coming or handled, but for those of 16
 *     KiB or less, and for one that may have more, so that a message is never too large for this
 *     alone; a call for whose message there is no room is refused
 * @param permitKeepAlive how often peers may ping
 * @param keepAlive after how much silence a peer is asked whether it is there
 * @param keepAliveTimeout how long it may take to answer before the connection is given up
 * @param tls certificate and key; null for plain text
 * @param credentials who may call; empty for everybody
 * @param allowPlaintext whether to listen beyond this machine without TLS
 * @param allowUnauthenticated whether to listen beyond this machine though everybody may call
 * @param shutdownGrace how long a closing server waits: for half of it at most until workers have
 *     answered to what they have in hand, then for calls under way
 */
public record GrpcServerOptions(
    String host,
    List<Integer> ports,
    int inboundBytesMax,
    long inboundTogetherMax,
    Duration permitKeepAlive,
    Duration keepAlive,
    Duration keepAliveTimeout,
    @Nullable Tls tls,
    Credentials credentials,
    boolean allowPlaintext,
    boolean allowUnauthenticated,
    Duration shutdownGrace) {

  /** Whether callers have to show who they are: a secret, or a certificate of their own. */
  public boolean asksWhoCalls() {
    return !credentials.isEmpty() || (tls != null && tls.trusted() != null);
  }

  /**
   * Files for TLS, in PEM format.
   *
   * @param certificate the server's certificate, with those that lead to a root after it
   * @param key its private key, PKCS #8, not encrypted
   * @param trusted certificates of those who may issue certificates of clients; null if clients
   *     need none
   */
  public record Tls(Path certificate, Path key, @Nullable Path trusted) {}

  /**
   * Secrets that callers present.
   *
   * @param bearerTokens accepted in {@code authorization: Bearer ...}
   * @param apiKeys accepted in {@code x-api-key}
   */
  public record Credentials(Set<String> bearerTokens, Set<String> apiKeys) {
    /** None: everybody may call. */
    public static final Credentials NONE = new Credentials(Set.of(), Set.of());

    /** Refuses secrets that are none, and copies the sets. */
    public Credentials {
      bearerTokens = Set.copyOf(bearerTokens);
      apiKeys = Set.copyOf(apiKeys);
      if (bearerTokens.stream().anyMatch(String::isBlank)
          || apiKeys.stream().anyMatch(String::isBlank)) {
        throw new IllegalArgumentException(
            "A bearer token or an API key is empty. Leave it out to ask for none.");
      }
    }

    boolean isEmpty() {
      return bearerTokens.isEmpty() && apiKeys.isEmpty();
    }

    /** Shows no secrets. */
    @Override
    public String toString() {
      return "%d bearer tokens, %d API keys".formatted(bearerTokens.size(), apiKeys.size());
    }
  }

  /**
   * Plain text for this machine only, on port 4001; 64 MiB for a message, an eighth of the heap for
   * all; pings allowed every 2 s, sent after 10 s and answered within 10 s; 10 s of grace.
   */
  public static final GrpcServerOptions DEFAULTS =
      new GrpcServerOptions(
          "127.0.0.1",
          List.of(4001),
          64 << 20,
          Runtime.getRuntime().maxMemory() / 8,
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          null,
          Credentials.NONE,
          false,
          false,
          Duration.ofSeconds(10));

  /** Checks the values and copies the ports. */
  public GrpcServerOptions {
    ports = List.copyOf(ports);
    require(!host.isBlank(), "host", host, "an address or a name");
    require(!ports.isEmpty(), "ports", ports, "one or more");
    require(ports.stream().allMatch(p -> p >= 0 && p <= 65_535), "ports", ports, "0 to 65535");
    require(inboundBytesMax >= 1 << 16, "inboundBytesMax", inboundBytesMax, "64 KiB or more");
    require(inboundTogetherMax >= 1, "inboundTogetherMax", inboundTogetherMax, "1 or more");
    require(isPositive(permitKeepAlive), "permitKeepAlive", permitKeepAlive, "more than zero");
    require(isPositive(keepAlive), "keepAlive", keepAlive, "more than zero");
    require(isPositive(keepAliveTimeout), "keepAliveTimeout", keepAliveTimeout, "more than zero");
    require(!shutdownGrace.isNegative(), "shutdownGrace", shutdownGrace, "zero or more");
  }

  private static boolean isPositive(Duration duration) {
    return !duration.isNegative() && !duration.isZero();
  }

  private static void require(boolean condition, String name, Object value, String use) {
    if (!condition) {
      throw new IllegalArgumentException(
          "gRPC server option %s is %s; use %s.".formatted(name, value, use));
    }
  }

  /** These options with another address. */
  public GrpcServerOptions withHost(String address) {
    return with(change -> change.host = address);
  }

  /** These options with other ports; 0 picks a free one. */
  public GrpcServerOptions withPorts(Integer... chosen) {
    return with(change -> change.ports = List.of(chosen));
  }

  /** These options with another limit for messages. */
  public GrpcServerOptions withInboundBytesMax(int bytes) {
    return with(change -> change.inboundBytesMax = bytes);
  }

  /** These options with another limit for all messages together. */
  public GrpcServerOptions withInboundTogetherMax(long bytes) {
    return with(change -> change.inboundTogetherMax = bytes);
  }

  /** These options with other times for pings. */
  public GrpcServerOptions withKeepAlive(Duration permitted, Duration after, Duration timeout) {
    return with(
        change -> {
          change.permitKeepAlive = permitted;
          change.keepAlive = after;
          change.keepAliveTimeout = timeout;
        });
  }

  /** These options with TLS. */
  public GrpcServerOptions withTls(Tls files) {
    return with(change -> change.tls = files);
  }

  /** These options for those who know a secret. */
  public GrpcServerOptions withCredentials(Credentials secrets) {
    return with(change -> change.credentials = secrets);
  }

  /** These options, where plain text may leave this machine. */
  public GrpcServerOptions withPlaintextAllowed() {
    return with(change -> change.allowPlaintext = true);
  }

  /** These options, where everybody who reaches this machine may call. */
  public GrpcServerOptions withUnauthenticatedAllowed() {
    return with(change -> change.allowUnauthenticated = true);
  }

  /** These options with another grace. */
  public GrpcServerOptions withShutdownGrace(Duration grace) {
    return with(change -> change.shutdownGrace = grace);
  }

  private GrpcServerOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.finish();
  }

  /** Options while they are being changed. */
  private static final class Draft {
    private String host;
    private List<Integer> ports;
    private int inboundBytesMax;
    private long inboundTogetherMax;
    private Duration permitKeepAlive;
    private Duration keepAlive;
    private Duration keepAliveTimeout;
    private @Nullable Tls tls;
    private Credentials credentials;
    private boolean allowPlaintext;
    private boolean allowUnauthenticated;
    private Duration shutdownGrace;

    Draft(GrpcServerOptions from) {
      host = from.host;
      ports = from.ports;
      inboundBytesMax = from.inboundBytesMax;
      inboundTogetherMax = from.inboundTogetherMax;
      permitKeepAlive = from.permitKeepAlive;
      keepAlive = from.keepAlive;
      keepAliveTimeout = from.keepAliveTimeout;
      tls = from.tls;
      credentials = from.credentials;
      allowPlaintext = from.allowPlaintext;
      allowUnauthenticated = from.allowUnauthenticated;
      shutdownGrace = from.shutdownGrace;
    }

    GrpcServerOptions finish() {
      return new GrpcServerOptions(
          host,
          ports,
          inboundBytesMax,
          inboundTogetherMax,
          permitKeepAlive,
          keepAlive,
          keepAliveTimeout,
          tls,
          credentials,
          allowPlaintext,
          allowUnauthenticated,
          shutdownGrace);
    }
  }
}
