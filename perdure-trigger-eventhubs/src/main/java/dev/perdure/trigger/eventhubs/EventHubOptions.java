package dev.perdure.trigger.eventhubs;

import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.text.UtcTime;
import dev.perdure.functions.trigger.ExtensionOptions;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What host.json says below {@code extensions.eventHubs}.
 *
 * @param batchMax events in a batch at most
 * @param batchMin events that a batch waits for; 1 for none
 * @param batchWait how long a batch waits for them, from its first event on
 * @param checkpoints how often and where it is written down how far a partition is done
 * @param prefetch events that are fetched ahead for each partition
 * @param overWebSockets whether the client speaks AMQP over WebSockets
 * @param customEndpoint an address to connect to in place of the host; null for none
 * @param tracksLast whether events say what is last in their partition
 * @param balancing how hosts share partitions
 * @param retry how the client tries again what fails on the wire
 * @param from where to begin in a partition that has no checkpoint
 */
record EventHubOptions(
    int batchMax,
    int batchMin,
    Duration batchWait,
    Checkpoints checkpoints,
    int prefetch,
    boolean overWebSockets,
    @Nullable String customEndpoint,
    boolean tracksLast,
    Balancing balancing,
    Retry retry,
    From from) {
  /**
   * About checkpoints.
   *
   * @param enabled whether they are written
   * @param frequency one is written every so many batches
   * @param inBlobs whether they are kept in Blob storage rather than in the task hub
   */
  record Checkpoints(boolean enabled, int frequency, boolean inBlobs) {}

  /**
   * About sharing.
   *
   * @param interval how often it is looked who has which partition
   * @param expiration when a host that says nothing any more loses its partitions
   */
  record Balancing(Duration interval, Duration expiration) {}

  /**
   * About trying again.
   *
   * @param exponential whether delays grow
   * @param tryTimeout how long a try may take
   * @param delay the first delay
   * @param delayMax the longest delay
   * @param retriesMax tries after the first
   */
  record Retry(
      boolean exponential,
      Duration tryTimeout,
      Duration delay,
      Duration delayMax,
      int retriesMax) {}

  /** Where to begin. */
  sealed interface From {
    /** With the oldest event there is. */
    record Start() implements From {}

    /** With what comes from now on. */
    record End() implements From {}

    /** With what came after a time. */
    record EnqueuedTime(Instant time) implements From {}
  }

  private static final Duration DAY = Duration.ofDays(1);

  /**
   * Reads them.
   *
   * @throws InvalidTriggerException if something is wrong; the message says where and what it has
   *     to be
   */
  static EventHubOptions of(HostSettings host) {
    ExtensionOptions options = ExtensionOptions.of(host, "eventHubs");
    ExtensionOptions older = options.section("eventProcessorOptions");
    int batchMax =
        options.number(
            "maxEventBatchSize",
            options.number(
                "maxBatchSize", older.number("maxBatchSize", 100, 1, 100_000), 1, 100_000),
            1,
            100_000);
    int batchMin = options.number("minEventBatchSize", 1, 1, 100_000);
    if (batchMin > batchMax) {
      throw new InvalidTriggerException(
          "extensions.eventHubs in host.json has a minEventBatchSize of %d, which is more than the maxEventBatchSize of %d."
              .formatted(batchMin, batchMax));
    }
    boolean inBlobs =
        choice(options, "extensions.eventHubs", "checkpointStore", "taskHub", "taskHub", "blob")
            .equals("blob");
    return new EventHubOptions(
        batchMax,
        batchMin,
        options.span("maxWaitTime", Duration.ofMinutes(1), Duration.ZERO, Duration.ofMinutes(10)),
        new Checkpoints(
            options.flag("enableCheckpointing", true),
            options.number("batchCheckpointFrequency", 1, 1, Integer.MAX_VALUE),
            inBlobs),
        options.number("prefetchCount", older.number("prefetchCount", 300, 1, 8000), 1, 8000),
        choice(
                options,
                "extensions.eventHubs",
                "transportType",
                "amqpTcp",
                "amqpTcp",
                "amqpWebSockets")
            .equals("amqpwebsockets"),
        options.has("customEndpointAddress") ? options.text("customEndpointAddress", "") : null,
        options.flag("trackLastEnqueuedEventProperties", false),
        balancing(options, inBlobs),
        retry(options.section("clientRetryOptions")),
        from(options.section("initialOffsetOptions")));
  }

  /**
   * With ownership in the memory of this host alone, a look costs nothing, and what broke is
   * noticed soon.
   */
  private static Balancing balancing(ExtensionOptions options, boolean inBlobs) {
    ExtensionOptions older = options.section("partitionManagerOptions");
    Duration interval = inBlobs ? Duration.ofSeconds(30) : Duration.ofSeconds(2);
    Duration second = Duration.ofSeconds(1);
    return new Balancing(
        options.span(
            "loadBalancingUpdateInterval",
            older.span("renewInterval", interval, second, DAY),
            second,
            DAY),
        options.span(
            "partitionOwnershipExpirationInterval",
            older.span("leaseDuration", Duration.ofMinutes(2), second, DAY),
            second,
            DAY));
  }

  private static Retry retry(ExtensionOptions options) {
    String mode =
        choice(
            options,
            "extensions.eventHubs.clientRetryOptions",
            "mode",
            "exponential",
            "exponential",
            "fixed");
    return new Retry(
        mode.equals("exponential"),
        options.span("tryTimeout", Duration.ofMinutes(1), Duration.ofSeconds(1), DAY),
        options.span("delay", Duration.ofMillis(800), Duration.ofMillis(1), Duration.ofMinutes(5)),
        options.span("maximumDelay", Duration.ofMinutes(1), Duration.ofMillis(1), DAY),
        options.number("maximumRetries", 3, 0, 100));
  }

  private static From from(ExtensionOptions options) {
    String type =
        choice(
            options,
            "extensions.eventHubs.initialOffsetOptions",
            "type",
            "fromStart",
            "fromStart",
            "fromEnd",
            "fromEnqueuedTime");
    return switch (type) {
      case "fromend" -> new From.End();
      case "fromenqueuedtime" -> {
        String time = options.text("enqueuedTimeUtc", "");
        try {
          yield new From.EnqueuedTime(UtcTime.parse(time.strip().replace(' ', 'T')).toInstant());
        } catch (DateTimeParseException e) {
          throw new InvalidTriggerException(
              "extensions.eventHubs.initialOffsetOptions.enqueuedTimeUtc in host.json is '%s'; it has to be a time such as 2026-10-31T09:00:00Z."
                  .formatted(time),
              e);
        }
      }
      default -> new From.Start();
    };
  }

  /** One of several words, in lower case. */
  private static String choice(
      ExtensionOptions options, String path, String name, String otherwise, String... allowed) {
    String chosen = options.text(name, otherwise);
    for (String word : allowed) {
      if (word.equalsIgnoreCase(chosen.strip())) {
        return word.toLowerCase(Locale.ROOT);
      }
    }
    throw new InvalidTriggerException(
        "%s.%s in host.json is '%s'; it has to be one of %s."
            .formatted(path, name, chosen, String.join(", ", allowed)));
  }
}
