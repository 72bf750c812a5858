package dev.perdure.iothub.event;

/**
 * An event in its place. The array is not copied and must not be changed.
 *
 * @param sequenceNumber consecutive in its partition, from 0
 * @param offset bytes before it in its partition, those included that are deleted by now
 * @param enqueuedMillis when it was enqueued, in milliseconds since 1970; never less than before
 * @param message all of it as an AMQP message, with the annotations that tell its place
 */
@SuppressWarnings("ArrayRecordComponent") // many readers, no copies
public record StoredEvent(long sequenceNumber, long offset, long enqueuedMillis, byte[] message) {}
