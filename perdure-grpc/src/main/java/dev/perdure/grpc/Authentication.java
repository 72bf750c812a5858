package dev.perdure.grpc;

import dev.perdure.grpc.GrpcServerOptions.Credentials;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets those in who present a secret. Secrets are compared by their hashes, each time with all of
 * them, so that the time it takes tells nothing.
 */
final class Authentication implements ServerInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> API_KEY =
      Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER);
  private static final String BEARER = "bearer ";

  private final List<byte[]> bearerTokens;
  private final List<byte[]> apiKeys;

  Authentication(Credentials credentials) {
    bearerTokens = hashes(credentials.bearerTokens());
    apiKeys = hashes(credentials.apiKeys());
  }

  private static List<byte[]> hashes(Set<String> secrets) {
    return secrets.stream().map(Authentication::hash).toList();
  }

  private static byte[] hash(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256", e);
    }
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    boolean bearer = isOneOf(bearerTokens, bearerToken(headers.get(AUTHORIZATION)));
    boolean key = isOneOf(apiKeys, headers.get(API_KEY));
    if (bearer || key) {
      return next.startCall(call, headers);
    }
    call.close(Status.UNAUTHENTICATED.withDescription(refusal()), new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private String refusal() {
    String ways =
        apiKeys.isEmpty()
            ? "'authorization: Bearer <token>'"
            : bearerTokens.isEmpty()
                ? "'x-api-key: <key>'"
                : "'authorization: Bearer <token>' or 'x-api-key: <key>'";
    return "The call has no valid secret. Send " + ways + " with one that the server knows.";
  }

  private static @Nullable String bearerToken(@Nullable String header) {
    return header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? header.substring(BEARER.length()).strip()
        : null;
  }

  private static boolean isOneOf(List<byte[]> hashes, @Nullable String secret) {
    if (secret == null) {
      return false;
    }
    byte[] hash = hash(secret);
    boolean found = false;
    for (byte[] known : hashes) {
      found |= MessageDigest.isEqual(known, hash);
    }
    return found;
  }
}
