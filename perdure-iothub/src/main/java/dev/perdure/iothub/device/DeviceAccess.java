package dev.perdure.iothub.device;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Decides whether a device is who it says it is. Thread-safe. */
public final class DeviceAccess {
  private final Devices devices;
  private final Policy policy;
  private final boolean allowsKeys;

  /**
   * @param policy whose key may sign for every device
   * @param allowsKeys whether a device's key itself is taken for a password
   */
  public DeviceAccess(Devices devices, Policy policy, boolean allowsKeys) {
    this.devices = devices;
    this.policy = policy;
    this.allowsKeys = allowsKeys;
  }

  /** The answer. */
  public sealed interface Answer {
    /**
     * It may connect.
     *
     * @param authMethod JSON, as events have it
     * @param expiresAt when it has to go; null for never
     */
    record Granted(Device device, String authMethod, @Nullable Instant expiresAt)
        implements Answer {}

    /**
     * It may not.
     *
     * @param reason a sentence for the log
     */
    record Refused(String reason) implements Answer {}
  }

  /**
   * Checks a password.
   *
   * @param moduleId null for the device itself
   */
  public Answer check(
      String deviceId, @Nullable String moduleId, @Nullable String password, Instant now) {
    Device device = devices.find(deviceId);
    if (device == null) {
      return new Answer.Refused("There is no such device.");
    }
    if (password == null || password.isEmpty()) {
      return new Answer.Refused("The password is missing.");
    }
    SasToken token = SasToken.parse(password);
    if (token == null) {
      return checkKey(device, password);
    }
    if (!token.expiresAt().isAfter(now)) {
      return new Answer.Refused("The token has expired.");
    }
    boolean isOfHub = token.keyName() != null;
    if (!isFor(token, deviceId, moduleId, isOfHub)) {
      return new Answer.Refused("The token is for another resource.");
    }
    boolean isSigned =
        isOfHub
            ? policy.signed(token)
            : token.isSignedWith(device.primaryKeyBytes())
                || token.isSignedWith(device.secondaryKeyBytes());
    return isSigned
        ? new Answer.Granted(
            device, authMethod(isOfHub ? "hub" : "device", "sas"), token.expiresAt())
        : new Answer.Refused("The token's signature is wrong.");
  }

  private Answer checkKey(Device device, String password) {
    if (!allowsKeys) {
      return new Answer.Refused("The password is not a token.");
    }
    return isSame(password, device.primaryKey()) || isSame(password, device.secondaryKey())
        ? new Answer.Granted(device, authMethod("device", "symkey"), null)
        : new Answer.Refused("The password is neither a token nor the device's key.");
  }

  private static boolean isSame(String password, String key) {
    return MessageDigest.isEqual(
        password.getBytes(StandardCharsets.UTF_8), key.getBytes(StandardCharsets.UTF_8));
  }

  /** Any host name is right: the hub is localhost here and something else in a container. */
  private static boolean isFor(
      SasToken token, String deviceId, @Nullable String moduleId, boolean isOfHub) {
    String resource = token.resource();
    int slash = resource.indexOf('/');
    if (slash < 0) {
      return isOfHub;
    }
    String path = resource.substring(slash + 1);
    if (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    String prefix = "devices/";
    if (!path.toLowerCase(Locale.ROOT).startsWith(prefix)) {
      return false;
    }
    // Some client libraries encode the ids, and then the whole. An id may look encoded itself, and
    // only a token that the device has signed says whose it is by its signature too.
    String written = path.substring(prefix.length());
    String decoded = isOfHub ? written : SasToken.decodedOrAsIs(written);
    return Stream.of(written, decoded)
        .anyMatch(
            identity ->
                identity.equals(deviceId)
                    || (moduleId != null && identity.equals(deviceId + "/modules/" + moduleId)));
  }

  private static String authMethod(String scope, String type) {
    return "{\"scope\":\"%s\",\"type\":\"%s\",\"issuer\":\"iothub\"}".formatted(scope, type);
  }
}
