package dev.perdure.iothub.device;

import java.time.Instant;
import java.util.Base64;

/**
 * A device that may connect.
 *
 * @param id up to 128 characters
 * @param primaryKey Base64; a secret
 * @param secondaryKey Base64; a secret
 * @param generationId differs between devices that had the same id one after the other
 */
public record Device(
    String id, String primaryKey, String secondaryKey, String generationId, Instant createdAt) {

  /** The bytes of its first key. */
  byte[] primaryKeyBytes() {
    return Base64.getDecoder().decode(primaryKey);
  }

  /** The bytes of its second key. */
  byte[] secondaryKeyBytes() {
    return Base64.getDecoder().decode(secondaryKey);
  }

  /**
   * A token with which it may connect.
   *
   * @param host the hub's host name
   */
  public String sasToken(String host, Instant expiresAt) {
    return SasToken.sign(host + "/devices/" + id, primaryKeyBytes(), expiresAt, null).text();
  }

  /**
   * What device libraries want to have.
   *
   * @param host the hub's host name
   */
  public String connectionString(String host) {
    return "HostName=" + host + ";DeviceId=" + id + ";SharedAccessKey=" + primaryKey;
  }

  /** The user name with which it connects by MQTT. */
  public String userName(String host) {
    return host + "/" + id + "/?api-version=2021-04-12";
  }

  /** Without the keys. */
  @Override
  public String toString() {
    return "Device[%s]".formatted(id);
  }
}
