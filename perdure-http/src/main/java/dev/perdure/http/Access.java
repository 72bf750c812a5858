package dev.perdure.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Decides who is let in. Safe from any thread. */
public final class Access {
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|.+\\.localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1]");

  /** Where keys come from. */
  @FunctionalInterface
  private interface Keys {
    /** The hashes of those that count now. */
    List<byte[]> hashes();
  }

  private final @Nullable Keys keys;
  private final Predicate<String> origins;

  private Access(@Nullable Keys keys, Predicate<String> origins) {
    this.keys = keys;
    this.origins = origins;
  }

  /**
   * Lets in whoever has one of some keys, in the header {@code x-functions-key} or, without that
   * header, in the query parameter {@code code}.
   */
  public static Access byKey(String... keys) {
    if (keys.length == 0) {
      throw new IllegalArgumentException("There is no key, so nobody could be let in. Give one.");
    }
    List<byte[]> hashes = Stream.of(keys).map(Access::hash).toList();
    return new Access(() -> hashes, origin -> false);
  }

  /**
   * Lets in whoever has one of those keys of a file that have certain names, as {@link #byKey}.
   * Keys that are added to the file or removed count, or do not, from then on. If none has such a
   * name, nobody is let in.
   */
  public static Access byKeysOf(KeyFile file, Predicate<String> names) {
    return new Access(new KeysOfFile(file, names), origin -> false);
  }

  /** The keys of a file, hashed again only when it has changed. */
  private static final class KeysOfFile implements Keys {
    private final KeyFile file;
    private final Predicate<String> names;
    private volatile Hashed last = new Hashed(Map.of(), List.of());

    private record Hashed(Map<String, String> keys, List<byte[]> hashes) {}

    KeysOfFile(KeyFile file, Predicate<String> names) {
      this.file = file;
      this.names = names;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // each change makes another map
    public List<byte[]> hashes() {
      Map<String, String> now = file.all();
      Hashed known = last;
      if (known.keys() != now) {
        known =
            new Hashed(
                now,
                now.entrySet().stream()
                    .filter(key -> names.test(key.getKey()))
                    .map(key -> hash(key.getValue()))
                    .toList());
        last = known;
      }
      return known.hashes();
    }
  }

  /**
   * Lets in everybody on this machine, for servers that listen on loopback only. Web pages from
   * elsewhere are kept out, which a browser on this machine might show: requests must name this
   * machine as their host and, if they name an origin, as that too.
   */
  public static Access local() {
    return local(origin -> false);
  }

  /**
   * As {@link #local()}, and lets in pages from elsewhere as well.
   *
   * @param origins the origins of pages that are let in
   */
  public static Access local(Predicate<String> origins) {
    return new Access(null, origins);
  }

  private static byte[] hash(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256", e);
    }
  }

  /** A handler for those who are let in. */
  public Handler guarding(Handler handler) {
    return new Handler() {
      @Override
      public CompletionStage<Response> handle(Request request) {
        Response refusal = refusal(request);
        return refusal == null
            ? handler.handle(request)
            : CompletableFuture.completedFuture(refusal);
      }

      @Override
      public @Nullable Response refusal(Request head) {
        return Access.this.refusal(head);
      }
    };
  }

  /** The answer to a request that is not let in; null if it is. */
  public @Nullable Response refusal(Request request) {
    return keys == null ? strangerRefusal(request) : keyRefusal(keys, request);
  }

  private static @Nullable Response keyRefusal(Keys keys, Request request) {
    String header = request.headers().first("x-functions-key");
    String key = header == null ? request.query().first("code") : header;
    if (key == null) {
      return Response.empty(401);
    }
    byte[] hash = hash(key);
    boolean known = false;
    for (byte[] one : keys.hashes()) {
      known |= MessageDigest.isEqual(one, hash); // all are compared, in constant time
    }
    return known ? null : Response.empty(401);
  }

  private @Nullable Response strangerRefusal(Request request) {
    String host = request.headers().first("Host");
    String origin = request.headers().first("Origin");
    if ((host == null || isLoopback(withoutPort(host)))
        && (origin == null || isLoopback(hostOf(origin)) || origins.test(origin))) {
      return null;
    }
    return Response.text(
        403,
        "This server can be used without a key from this machine only, and this request names"
            + " another host or comes from a web page of one. Call it as localhost, or have it"
            + " demand a key.\n");
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }

  private static String hostOf(String origin) {
    try {
      String host = URI.create(origin).getHost();
      return host == null ? origin : host;
    } catch (IllegalArgumentException e) {
      return origin;
    }
  }

  private static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches();
  }
}
