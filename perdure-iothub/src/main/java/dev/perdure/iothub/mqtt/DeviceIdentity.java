package dev.perdure.iothub.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * Who connects: a device or a module of one.
 *
 * @param moduleId null for the device itself
 */
record DeviceIdentity(String deviceId, @Nullable String moduleId) {
  /** From an MQTT client id: {@code device} or {@code device/module}; null if it is neither. */
  static @Nullable DeviceIdentity parse(String clientId) {
    int slash = clientId.indexOf('/');
    if (slash < 0) {
      return clientId.isEmpty() ? null : new DeviceIdentity(clientId, null);
    }
    String module = clientId.substring(slash + 1);
    return slash == 0 || module.isEmpty() || module.indexOf('/') >= 0
        ? null
        : new DeviceIdentity(clientId.substring(0, slash), module);
  }

  /** As it is part of topics. */
  String topicPrefix() {
    return "devices/" + deviceId + (moduleId == null ? "" : "/modules/" + moduleId);
  }

  /**
   * What stands behind its name in a topic: {@code /messages/events/...}; null if the topic is
   * another's. Some client libraries write ids URL-encoded there.
   */
  @Nullable String restOf(String topic) {
    String rest = behind("devices/", deviceId, topic);
    return rest == null || moduleId == null ? rest : behind("/modules/", moduleId, rest);
  }

  private static @Nullable String behind(String prefix, String id, String text) {
    if (!text.startsWith(prefix)) {
      return null;
    }
    int slash = text.indexOf('/', prefix.length());
    int end = slash < 0 ? text.length() : slash;
    String written = text.substring(prefix.length(), end);
    return written.equals(id) || PropertyBag.decode(written).equals(id)
        ? text.substring(end)
        : null;
  }

  /**
   * Whether a user name is right for it: {@code host/device[/module]/?api-version=...}, with or
   * without question mark. Any host is right.
   */
  boolean isUserName(@Nullable String userName) {
    if (userName == null) {
      return false;
    }
    int slash = userName.indexOf('/');
    if (slash <= 0) {
      return false;
    }
    String identity = moduleId == null ? deviceId : deviceId + "/" + moduleId;
    String rest = userName.substring(slash + 1);
    return rest.equals(identity) || rest.startsWith(identity + "/");
  }

  @Override
  public String toString() {
    return moduleId == null ? deviceId : deviceId + "/" + moduleId;
  }
}
