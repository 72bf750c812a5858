package dev.perdure.engine.partition;

import dev.perdure.store.RowBatch;
import java.util.List;

/**
 * Rows on their way to the store.
 *
 * @param partition whose rows
 * @param epoch the epoch to write under
 * @param rows the rows
 * @param residents the instances among them
 * @param position the rows may be written once the log is durable up to here
 * @param logStart where the log may begin once these rows are durable; -1 if more batches follow
 */
record CheckpointBatch(
    int partition,
    long epoch,
    RowBatch rows,
    List<Resident> residents,
    long position,
    long logStart) {}
