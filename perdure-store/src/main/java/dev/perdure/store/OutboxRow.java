package dev.perdure.store;

/**
 * A message to another partition that has not been acknowledged.
 *
 * @param receiver the receiving partition
 * @param number counts the messages from this partition to that one, without gaps
 * @param message the content, opaque
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are handed over, rows are not compared
public record OutboxRow(int receiver, long number, byte[] message) {}
