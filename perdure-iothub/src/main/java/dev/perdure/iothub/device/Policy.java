package dev.perdure.iothub.device;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * A name and key for the whole hub.
 *
 * @param key a secret; signs as it is in Event Hubs, and Base64-decoded in IoT Hub
 */
public record Policy(String name, String key) {

  /** Whether the policy's key signed a token that names the policy. */
  public boolean signed(SasToken token) {
    return name.equals(token.keyName())
        && (token.isSignedWith(key.getBytes(StandardCharsets.UTF_8)) || isSignedDecoded(token));
  }

  private boolean isSignedDecoded(SasToken token) {
    byte[] decoded;
    try {
      decoded = Base64.getDecoder().decode(key);
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
    return decoded.length > 0 && token.isSignedWith(decoded);
  }

  /** Whether a user name and password are the policy's. */
  public boolean matches(String userName, String password) {
    return name.equals(userName)
        && MessageDigest.isEqual(
            key.getBytes(StandardCharsets.UTF_8), password.getBytes(StandardCharsets.UTF_8));
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "Policy[%s]".formatted(name);
  }
}
