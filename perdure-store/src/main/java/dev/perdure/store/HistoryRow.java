package dev.perdure.store;

/**
 * A piece of the history of one execution. Chunks are numbered from 0 without gaps and never
 * change.
 *
 * @param instanceId whose history
 * @param execution which execution of the instance
 * @param chunk the number of the chunk
 * @param events the content, opaque
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are handed over, rows are not compared
public record HistoryRow(String instanceId, long execution, int chunk, byte[] events) {}
