package dev.perdure.iothub.simulator;

/**
 * Where a hub takes messages of devices, without TLS.
 *
 * @param host a name or address
 */
public record MqttTarget(String host, int port) {
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
