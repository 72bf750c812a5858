package dev.perdure.iothub.mqtt;

import io.vertx.core.net.KeyCertOptions;
import org.jspecify.annotations.Nullable;

/**
 * Where devices connect.
 *
 * @param port 0 for a free one
 * @param tlsPort 0 for a free one; without meaning if there is no certificate
 * @param certificate null for no TLS
 */
public record MqttSettings(
    String address, int port, int tlsPort, @Nullable KeyCertOptions certificate) {}
