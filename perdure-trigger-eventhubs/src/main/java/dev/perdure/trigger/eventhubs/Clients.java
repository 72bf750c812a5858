package dev.perdure.trigger.eventhubs;

import com.azure.core.amqp.AmqpRetryMode;
import com.azure.core.amqp.AmqpRetryOptions;
import com.azure.core.amqp.AmqpTransportType;
import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventProcessorClientBuilder;
import com.azure.messaging.eventhubs.LoadBalancingStrategy;
import java.time.Duration;

/** Sets up the clients of the library as the options of an app say. */
final class Clients {
  /** How long a client that only asks whether a hub is there waits for an answer. */
  private static final Duration ASKING = Duration.ofSeconds(15);

  /** How long a hub on this machine may take for anything. */
  private static final Duration ON_THIS_MACHINE = Duration.ofSeconds(5);

  private Clients() {}

  /** A client that sends. */
  static EventHubClientBuilder sender(EventHubConnection connection, EventHubOptions options) {
    return plain(connection, options).retryOptions(retry(connection, options));
  }

  /** A client that asks a hub about itself, once. */
  static EventHubClientBuilder asking(
      EventHubConnection connection, String group, EventHubOptions options) {
    return plain(connection, options)
        .consumerGroup(group)
        .retryOptions(new AmqpRetryOptions().setMaxRetries(0).setTryTimeout(ASKING));
  }

  private static EventHubClientBuilder plain(
      EventHubConnection connection, EventHubOptions options) {
    EventHubClientBuilder builder =
        new EventHubClientBuilder()
            .connectionString(connection.text())
            .transportType(transport(options));
    return options.customEndpoint() == null
        ? builder
        : builder.customEndpointAddress(options.customEndpoint());
  }

  /** A client that reads all partitions, together with others. */
  static EventProcessorClientBuilder processor(
      EventHubConnection connection, String group, EventHubOptions options) {
    EventProcessorClientBuilder builder =
        new EventProcessorClientBuilder()
            .connectionString(connection.text())
            .consumerGroup(group)
            .transportType(transport(options))
            .retryOptions(retry(connection, options))
            .prefetchCount(options.prefetch())
            .trackLastEnqueuedEventProperties(options.tracksLast())
            .loadBalancingStrategy(LoadBalancingStrategy.GREEDY)
            .loadBalancingUpdateInterval(options.balancing().interval())
            .partitionOwnershipExpirationInterval(options.balancing().expiration());
    return options.customEndpoint() == null
        ? builder
        : builder.customEndpointAddress(options.customEndpoint());
  }

  private static AmqpTransportType transport(EventHubOptions options) {
    return options.overWebSockets() ? AmqpTransportType.AMQP_WEB_SOCKETS : AmqpTransportType.AMQP;
  }

  /** What is on this machine answers soon or not at all. */
  private static AmqpRetryOptions retry(EventHubConnection connection, EventHubOptions options) {
    EventHubOptions.Retry retry = options.retry();
    return new AmqpRetryOptions()
        .setMode(retry.exponential() ? AmqpRetryMode.EXPONENTIAL : AmqpRetryMode.FIXED)
        .setTryTimeout(connection.isEmulator() ? shorter(retry.tryTimeout()) : retry.tryTimeout())
        .setDelay(retry.delay())
        .setMaxDelay(retry.delayMax())
        .setMaxRetries(retry.retriesMax());
  }

  private static Duration shorter(Duration timeout) {
    return timeout.compareTo(ON_THIS_MACHINE) < 0 ? timeout : ON_THIS_MACHINE;
  }
}
