package dev.perdure.cli.iothub;

/** How to publish with the client that most people have. */
final class MosquittoCommand {
  private MosquittoCommand() {}

  static String text(String host, int port, String deviceId, String password) {
    return "mosquitto_pub -h %s -p %d -i %s -u '%s/%s/?api-version=2021-04-12' -P '%s' -q 1 -t devices/%s/messages/events/ -m '{\"temperature\":21}'"
        .formatted(host, port, deviceId, host, deviceId, password, deviceId);
  }
}
