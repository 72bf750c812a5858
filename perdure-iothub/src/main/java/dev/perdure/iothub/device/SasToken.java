package dev.perdure.iothub.device;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A shared access signature: who may do something with a resource, until when, signed with a key.
 *
 * @param encodedResource the resource, URL-encoded as it was signed
 * @param signature Base64
 * @param expiresAt full seconds
 * @param keyName the policy whose key signed it; null for the device's own key
 */
public record SasToken(
    String encodedResource, String signature, Instant expiresAt, @Nullable String keyName) {
  private static final String PREFIX = "SharedAccessSignature ";

  /**
   * Reads a token.
   *
   * @return null if it is not one
   */
  public static @Nullable SasToken parse(String text) {
    if (!text.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
      return null;
    }
    Map<String, String> fields = new HashMap<>();
    for (String field : text.substring(PREFIX.length()).strip().split("&", -1)) {
      int equals = field.indexOf('=');
      if (equals < 0) {
        return null;
      }
      fields.put(field.substring(0, equals).toLowerCase(Locale.ROOT), field.substring(equals + 1));
    }
    String resource = fields.get("sr");
    String signature = fields.get("sig");
    String expiry = fields.get("se");
    if (resource == null || signature == null || expiry == null) {
      return null;
    }
    String keyName = fields.get("skn");
    try {
      return new SasToken(
          resource,
          decode(signature).replace(' ', '+'), // some do not encode it
          Instant.ofEpochSecond(Long.parseLong(expiry)),
          keyName == null || keyName.isEmpty() ? null : decode(keyName));
    } catch (RuntimeException e) {
      return null; // a number or an escape that is none, or a time that no calendar has
    }
  }

  /**
   * Makes a token.
   *
   * @param resource such as {@code localhost/devices/d1}
   * @param key the bytes to sign with
   */
  public static SasToken sign(
      String resource, byte[] key, Instant expiresAt, @Nullable String keyName) {
    String encoded = URLEncoder.encode(resource, StandardCharsets.UTF_8);
    String signature = signature(encoded, expiresAt.getEpochSecond(), key);
    return new SasToken(
        encoded, signature, Instant.ofEpochSecond(expiresAt.getEpochSecond()), keyName);
  }

  /** Whether a key signed it. Takes the same time whatever the answer. */
  public boolean isSignedWith(byte[] key) {
    byte[] expected =
        signature(encodedResource, expiresAt.getEpochSecond(), key)
            .getBytes(StandardCharsets.US_ASCII);
    return MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8));
  }

  /** The resource in clear text. */
  public String resource() {
    return decodedOrAsIs(encodedResource);
  }

  /** A text without URL escapes; as it is if there is none that is right. */
  static String decodedOrAsIs(String text) {
    try {
      return decode(text);
    } catch (IllegalArgumentException notEncoded) {
      return text;
    }
  }

  /** The token as it is sent. It is a secret. */
  public String text() {
    return PREFIX
        + "sr="
        + encodedResource
        + "&sig="
        + URLEncoder.encode(signature, StandardCharsets.UTF_8)
        + "&se="
        + expiresAt.getEpochSecond()
        + (keyName == null ? "" : "&skn=" + URLEncoder.encode(keyName, StandardCharsets.UTF_8));
  }

  /** Without the signature. */
  @Override
  public String toString() {
    return "SasToken[%s until %s]".formatted(resource(), expiresAt);
  }

  private static String signature(String encodedResource, long expirySeconds, byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      byte[] signed =
          mac.doFinal((encodedResource + "\n" + expirySeconds).getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(signed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA256 is missing in this Java.", e);
    }
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
