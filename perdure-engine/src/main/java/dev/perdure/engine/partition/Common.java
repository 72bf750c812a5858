package dev.perdure.engine.partition;

import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.store.Store;

/**
 * What the parts of one partition share.
 *
 * @param index which partition it is
 * @param store where it reads; rows are written by the host
 * @param config what the code of functions is run with
 * @param options the options of the hub
 * @param host the host around the partition
 * @param situation what the partition is going through
 * @param log what has happened is written there
 * @param checkpoint writes what changed as rows
 * @param mail sends messages to other instances
 * @param timers the timers that are due soon
 * @param redeliveries what may have been under way when a host died
 */
record Common(
    int index,
    Store store,
    SessionConfig config,
    EngineOptions options,
    PartitionHost host,
    Situation situation,
    PartitionLog log,
    Checkpoint checkpoint,
    Mail mail,
    TimerQueue timers,
    RedeliveryQueue redeliveries) {

  static Common of(
      int index,
      Store store,
      SessionConfig config,
      EngineOptions options,
      PartitionHost host,
      LoopMode mode) {
    PartitionLog log = new PartitionLog(index, config.nanoTime());
    Checkpoint checkpoint = new Checkpoint(index, store.partitions(), options, host);
    return new Common(
        index,
        store,
        config,
        options,
        host,
        new Situation(mode, config.clock()),
        log,
        checkpoint,
        new Mail(index, store.partitions(), log, checkpoint, host),
        new TimerQueue(),
        new RedeliveryQueue());
  }
}
