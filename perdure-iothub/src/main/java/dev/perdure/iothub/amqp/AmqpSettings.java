package dev.perdure.iothub.amqp;

import dev.perdure.iothub.device.Policy;
import java.time.Duration;

/**
 * Where and how consumers and producers connect.
 *
 * @param port 0 for a free one
 * @param isAuthRequired whether tokens are checked
 * @param openWithin how long a connection may take to be opened
 */
public record AmqpSettings(
    String address, int port, Policy policy, boolean isAuthRequired, Duration openWithin) {}
