package dev.perdure.trigger.eventhubs;

import com.azure.messaging.eventhubs.EventData;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an event says to functions. Where it is null, nothing is known.
 *
 * @param body its content
 * @param sequenceNumber its number in its partition
 * @param offset where it is in its partition
 * @param partitionKey what chose its partition
 * @param enqueuedTime when the hub took it
 * @param properties what the sender gave along
 * @param systemProperties what the hub, or the sender in the properties of AMQP, gave along
 */
@SuppressWarnings("ArrayRecordComponent") // it is never compared
record Event(
    byte[] body,
    @Nullable Long sequenceNumber,
    @Nullable String offset,
    @Nullable String partitionKey,
    @Nullable Instant enqueuedTime,
    Map<String, Object> properties,
    Map<String, Object> systemProperties) {
  /** An event that has come from a hub. */
  static Event of(EventData data) {
    return new Event(
        data.getBody(),
        data.getSequenceNumber(),
        data.getOffsetString(),
        data.getPartitionKey(),
        data.getEnqueuedTime(),
        data.getProperties(),
        data.getSystemProperties());
  }

  /** An event that nobody sent. */
  static Event byHand(byte[] body) {
    return new Event(body, null, null, null, null, Map.of(), Map.of());
  }
}
