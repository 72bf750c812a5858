package dev.perdure.iothub.mqtt;

import dev.perdure.iothub.event.AppendOutcome;
import dev.perdure.iothub.event.Partition;
import java.time.InstantSource;
import java.util.Map;

/** Where the messages of one device go. Not thread-safe. */
final class TelemetrySink {
  private final TelemetryEncoder encoder;
  private final Partition partition;
  private final InstantSource clock;

  TelemetrySink(TelemetryEncoder encoder, Partition partition, InstantSource clock) {
    this.encoder = encoder;
    this.partition = partition;
    this.clock = clock;
  }

  /**
   * Appends a message.
   *
   * @param bag the topic's property bag
   * @param more application properties besides
   * @throws IllegalArgumentException if the bag is not readable
   * @throws IllegalStateException if the hub is stopping
   */
  void append(String bag, byte[] payload, Map<String, String> more, AppendOutcome outcome) {
    partition.append(encoder.encode(bag, payload, more, clock.millis()), outcome);
  }
}
