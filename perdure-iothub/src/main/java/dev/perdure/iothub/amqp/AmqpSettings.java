package dev.perdure.iothub.amqp;

import dev.perdure.iothub.device.Policy;

/**
 * Where and how consumers and producers connect.
 *
 * @param port 0 for a free one
 * @param isAuthRequired whether tokens are checked
 */
public record AmqpSettings(String address, int port, Policy policy, boolean isAuthRequired) {}
