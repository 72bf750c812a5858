package dev.perdure.engine;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.engine.codec.HistoryCodec;
import dev.perdure.engine.partition.Command;
import dev.perdure.engine.partition.HistorySnapshot;
import dev.perdure.engine.partition.Metadata;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.RowsLostException;
import dev.perdure.store.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads what a hub has of its orchestrations, for its clients. Safe from any thread. */
final class Lookups {
  private final Engine engine;

  Lookups(Engine engine) {
    this.engine = engine;
  }

  /** An orchestration; null if there is none of that id. */
  @Nullable OrchestrationMetadata status(String instanceId, boolean withPayloads) {
    CompletableFuture<@Nullable OrchestrationMetadata> reply = new CompletableFuture<>();
    engine.post(instanceId, new Command.GetStatus(instanceId, withPayloads, reply));
    return Replies.getNullable(reply);
  }

  /** A history, with what tells whether the instance has changed since. */
  record History(HistorySnapshot snapshot, List<HistoryEvent> events) {}

  /** Reads the history of an orchestration that exists. */
  History history(String instanceId) {
    for (int attempt = 1; ; attempt++) {
      CompletableFuture<HistorySnapshot> reply = new CompletableFuture<>();
      engine.post(instanceId, new Command.GetHistory(instanceId, reply));
      HistorySnapshot snapshot = Replies.get(reply);
      try {
        return new History(snapshot, snapshot.read(engine.store()));
      } catch (RowsLostException e) {
        // The partition knows by now, and says that it recovers.
      } catch (CorruptStoreException e) {
        if (attempt == 5) {
          throw e; // not just an execution that ended, and was removed, while we read it
        }
      }
    }
  }

  /** Has everything that was acknowledged so far written into rows. */
  void makeVisible() {
    List<CompletableFuture<@Nullable Void>> replies = new ArrayList<>();
    for (int i = 0; i < engine.partitions(); i++) {
      CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
      replies.add(reply);
      engine.postTo(i, new Command.Checkpoint(reply));
    }
    replies.forEach(Replies::getNullable);
  }

  /**
   * Reads rows that have everything that was acknowledged so far.
   *
   * @param read may be called again if rows are lost meanwhile
   * @throws dev.perdure.api.HubClosedException if a partition recovers
   */
  <T> T visible(Function<Store, T> read) {
    long losses = engine.rowLosses();
    makeVisible();
    return rows(losses, read);
  }

  /** Reads more rows, of which everything was made visible before. */
  <T> T more(Function<Store, T> read) {
    return rows(engine.rowLosses(), read);
  }

  private <T> T rows(long losses, Function<Store, T> read) {
    try {
      T found = read.apply(engine.store());
      if (engine.rowLosses() == losses) {
        return found;
      }
    } catch (RowsLostException e) {
      // The partitions know by now, and those that recover say so.
    }
    return visible(read);
  }

  /** Which rows an orchestration query asks for; entities have other statuses. */
  static InstanceFilter filter(InstanceQuery query, boolean withState) {
    return new InstanceFilter(
        0,
        codes(
            query.statuses().isEmpty()
                ? EnumSet.allOf(OrchestrationStatus.class)
                : query.statuses()),
        millis(query.createdFrom(), Long.MIN_VALUE),
        millis(query.createdTo(), Long.MAX_VALUE),
        endedFrom(query.completedFrom()),
        endedTo(query.completedTo()),
        query.idPrefix(),
        query.name(),
        query.tags(),
        withState);
  }

  // The store takes the extremes for what is not asked about, and lists who has not ended, too.

  static long endedFrom(@Nullable Instant from) {
    return from == null ? 0 : Math.max(1, millis(from, 0));
  }

  static long endedTo(@Nullable Instant to) {
    return to == null ? Long.MAX_VALUE : Math.min(Long.MAX_VALUE - 1, millis(to, 0));
  }

  /** Which rows a query for entities asks for. */
  static InstanceFilter entityFilter(
      String idPrefix, boolean withoutState, @Nullable Instant from, @Nullable Instant to) {
    return Metadata.entityFilter(
        idPrefix, withoutState, millis(from, Long.MIN_VALUE), millis(to, Long.MAX_VALUE));
  }

  /** Statuses as the store knows them. */
  static Set<Integer> codes(Set<OrchestrationStatus> statuses) {
    return statuses.stream().map(HistoryCodec::statusCode).collect(Collectors.toSet());
  }

  /** A time in milliseconds since 1970, as near as a number can be. */
  static long millis(@Nullable Instant instant, long otherwise) {
    if (instant == null) {
      return otherwise;
    }
    try {
      return instant.toEpochMilli();
    } catch (ArithmeticException e) {
      return instant.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }
}
