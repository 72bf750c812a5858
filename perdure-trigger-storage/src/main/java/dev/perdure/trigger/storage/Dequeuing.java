package dev.perdure.trigger.storage;

import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.text.TimeSpans;
import dev.perdure.functions.trigger.ExtensionOptions;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.time.Duration;

/**
 * How messages are taken from a queue.
 *
 * @param batchSize how many at once, 1 to 32
 * @param newBatchThreshold others are taken when no more than this many are being worked on
 * @param attemptsMax how often a message is tried
 * @param retryDelay how long a message that failed stays invisible
 * @param pollingMax the longest wait between looks at an empty queue
 * @param held how long a message is invisible to others while it is worked on; renewed when half of
 *     it is over
 */
record Dequeuing(
    int batchSize,
    int newBatchThreshold,
    int attemptsMax,
    Duration retryDelay,
    Duration pollingMax,
    Duration held) {
  private static final int BATCH_MAX = 32;
  private static final int BATCH = 16;
  private static final int THRESHOLD_MAX = 10_000;
  private static final int ATTEMPTS = 5;
  private static final Duration HELD = Duration.ofMinutes(10);
  private static final Duration RETRY_DELAY_MAX = Duration.ofDays(7);
  private static final Duration POLLING_MIN = Duration.ofMillis(100);
  private static final Duration POLLING = Duration.ofMinutes(1);
  private static final Duration POLLING_IN_DEVELOPMENT = Duration.ofSeconds(2);
  private static final Duration POLLING_MAX = Duration.ofDays(1);

  /**
   * What host.json says of queues.
   *
   * @throws InvalidTriggerException if something in it is wrong
   */
  static Dequeuing ofQueues(ExtensionOptions queues, Settings settings, int processors) {
    int batchSize = queues.number("batchSize", BATCH, 1, BATCH_MAX);
    return new Dequeuing(
        batchSize,
        queues.number("newBatchThreshold", batchSize / 2 * processors, 0, THRESHOLD_MAX),
        queues.number("maxDequeueCount", ATTEMPTS, 1, Integer.MAX_VALUE),
        queues.span("visibilityTimeout", Duration.ZERO, Duration.ZERO, RETRY_DELAY_MAX),
        polling(queues, settings),
        HELD);
  }

  private static Duration polling(ExtensionOptions queues, Settings settings) {
    boolean developing =
        "Development".equalsIgnoreCase(settings.get("AZURE_FUNCTIONS_ENVIRONMENT"));
    Duration polling =
        queues.span(
            "maxPollingInterval",
            developing ? POLLING_IN_DEVELOPMENT : POLLING,
            Duration.ZERO,
            POLLING_MAX);
    if (polling.compareTo(POLLING_MIN) < 0) {
      throw new InvalidTriggerException(
          "extensions.queues.maxPollingInterval in host.json is '%s'; the least is 100 milliseconds, 00:00:00.1."
              .formatted(queues.text("maxPollingInterval", TimeSpans.format(polling))));
    }
    return polling;
  }

  /**
   * What host.json says of blobs, for the queue on which blobs wait for their functions.
   *
   * @throws InvalidTriggerException if something in it is wrong
   */
  static Dequeuing ofBlobs(
      ExtensionOptions blobs, ExtensionOptions queues, Settings settings, int processors) {
    int parallel = blobs.number("maxDegreeOfParallelism", 8 * processors, 1, THRESHOLD_MAX);
    int batchSize = Math.min(BATCH_MAX, (parallel + 1) / 2);
    return new Dequeuing(
        batchSize,
        parallel - batchSize,
        blobs.number("poisonBlobThreshold", ATTEMPTS, 1, Integer.MAX_VALUE),
        Duration.ZERO,
        polling(queues, settings),
        HELD);
  }

  Dequeuing withHeld(Duration time) {
    return new Dequeuing(batchSize, newBatchThreshold, attemptsMax, retryDelay, pollingMax, time);
  }
}
