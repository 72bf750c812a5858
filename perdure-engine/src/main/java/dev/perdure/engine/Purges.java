package dev.perdure.engine;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.PurgeFilter;
import dev.perdure.engine.partition.Command;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Removes orchestrations that have ended. Safe from any thread. */
final class Purges {
  /** Instances looked up and removed in one go. */
  private static final int AT_ONCE = 1_000;

  private final Engine engine;
  private final Lookups lookups;

  Purges(Engine engine, Lookups lookups) {
    this.engine = engine;
    this.lookups = lookups;
  }

  /** Removes one instance that has ended, with its descendants or without. */
  int purge(String instanceId, boolean recursive) {
    if (!recursive) {
      return purgeOne(instanceId);
    }
    OrchestrationMetadata root = lookups.status(instanceId, false);
    if (root == null) {
      return 0;
    }
    if (!root.isTerminal()) {
      throw Command.Purge.refusal(instanceId, root.status());
    }
    long descendants = purgeDescendants(List.of(instanceId));
    return (int) descendants + purgeOne(instanceId);
  }

  private int purgeOne(String instanceId) {
    return Replies.get(purge(List.of(Command.Purge.Target.any(instanceId)), false));
  }

  /**
   * An instance whose family is purged.
   *
   * @param asked ids of the sub-orchestrations that its execution has asked for
   */
  private record Relative(String id, String executionId, List<String> asked) {}

  /**
   * Removes the descendants of instances, the youngest first. Should that be cut short, those that
   * are left can still be found through their ancestors: whoever asks again removes them, too.
   */
  private long purgeDescendants(Collection<String> ancestors) {
    Set<String> seen = new HashSet<>(ancestors);
    Deque<List<Command.Purge.Target>> youngestFirst = new ArrayDeque<>();
    List<Relative> generation = new ArrayList<>();
    for (String ancestor : ancestors) {
      addRelative(ancestor, null, generation);
    }
    while (!generation.isEmpty()) {
      List<Relative> children = new ArrayList<>();
      for (Relative parent : generation) {
        for (String id : parent.asked()) {
          if (!seen.contains(id) && addRelative(id, parent.executionId(), children)) {
            seen.add(id);
          }
        }
      }
      youngestFirst.push(
          children.stream()
              .map(child -> new Command.Purge.Target(child.id(), child.executionId(), 0))
              .toList());
      generation = children;
    }
    long purged = 0;
    for (List<Command.Purge.Target> targets : youngestFirst) {
      purged += purgeAll(targets);
    }
    return purged;
  }

  /**
   * Adds an instance, if there is one that has ended and belongs to the family: one that goes on
   * keeps what it has started. An id alone says nothing: it may have been taken when the parent
   * asked for it, or have been used again since.
   *
   * @param parentExecutionId what must have started it; null if that does not matter
   */
  private boolean addRelative(
      String id, @Nullable String parentExecutionId, List<Relative> relatives) {
    List<HistoryEvent> events;
    try {
      events = lookups.history(id).events();
    } catch (InstanceNotFoundException e) {
      return false; // never started, or gone already
    } catch (CorruptStoreException | IllegalStateException e) {
      return false; // whose family it belongs to is not known any more
    }
    if (!hasEnded(events)) {
      return false;
    }
    ExecutionStarted start = (ExecutionStarted) events.getFirst();
    ParentInstance parent = start.parent();
    if (parentExecutionId != null
        && (parent == null || !parent.executionId().equals(parentExecutionId))) {
      return false;
    }
    return relatives.add(
        new Relative(
            id,
            start.executionId(),
            events.stream()
                .filter(SubOrchestrationCreated.class::isInstance)
                .map(event -> ((SubOrchestrationCreated) event).instanceId())
                .distinct()
                .toList()));
  }

  private static boolean hasEnded(List<HistoryEvent> events) {
    for (HistoryEvent event : events.reversed()) {
      if (event instanceof ExecutionCompleted) {
        return true;
      }
      if (event instanceof ExecutionRewound) {
        return false;
      }
    }
    return false;
  }

  /**
   * Purges for a limited time.
   *
   * @param budget after which no more is begun; null for no limit
   */
  Requests.Purged purge(PurgeFilter filter, @Nullable Duration budget) {
    lookups.makeVisible();
    long began = engine.environment().nanoTime().getAsLong();
    long nanos = budget == null ? Long.MAX_VALUE : Replies.nanos(budget);
    Set<OrchestrationStatus> statuses =
        filter.statuses().isEmpty()
            ? EnumSet.of(
                OrchestrationStatus.COMPLETED,
                OrchestrationStatus.FAILED,
                OrchestrationStatus.TERMINATED)
            : filter.statuses();
    InstanceFilter rows =
        new InstanceFilter(
            0,
            Lookups.codes(statuses),
            Lookups.millis(filter.createdFrom(), Long.MIN_VALUE),
            Lookups.millis(filter.createdTo(), Long.MAX_VALUE),
            Lookups.endedFrom(filter.completedFrom()),
            Lookups.endedTo(filter.completedTo()),
            "",
            null,
            Map.of(),
            false);
    long purged = 0;
    String token = null;
    List<CompletableFuture<Integer>> underWay = List.of();
    do {
      String from = token;
      InstancePage page = lookups.more(store -> store.query(rows, AT_ONCE, from));
      List<String> ids = page.rows().stream().map(InstanceRow::id).toList();
      if (filter.recursive()) {
        purged += purgeDescendants(ids);
      }
      // One page is removed while the next one is looked up.
      List<CompletableFuture<Integer>> next =
          purgeByPartition(
              page.rows().stream()
                  .map(row -> new Command.Purge.Target(row.id(), null, row.columns().completedAt()))
                  .toList());
      purged += sum(underWay);
      underWay = next;
      token = page.continuationToken();
    } while (token != null && engine.environment().nanoTime().getAsLong() - began < nanos);
    return new Requests.Purged(purged + sum(underWay), token == null);
  }

  /**
   * Removes instances, with their families or without; those that have not ended are left alone.
   */
  long purgeEnded(Collection<String> ids, boolean recursive) {
    Set<String> distinct = new LinkedHashSet<>(ids);
    if (!recursive) {
      return purgeAll(targets(distinct));
    }
    List<String> ended = distinct.stream().filter(id -> hasEnded(id)).toList();
    return purgeDescendants(ended) + purgeAll(targets(ended));
  }

  private boolean hasEnded(String id) {
    OrchestrationMetadata metadata = lookups.status(id, false);
    return metadata != null && metadata.isTerminal();
  }

  private static List<Command.Purge.Target> targets(Collection<String> ids) {
    return ids.stream().map(Command.Purge.Target::any).toList();
  }

  private long purgeAll(List<Command.Purge.Target> targets) {
    return sum(purgeByPartition(targets));
  }

  private static long sum(List<CompletableFuture<Integer>> replies) {
    long sum = 0;
    for (CompletableFuture<Integer> reply : replies) {
      sum += Replies.get(reply);
    }
    return sum;
  }

  private List<CompletableFuture<Integer>> purgeByPartition(List<Command.Purge.Target> targets) {
    Map<Integer, List<Command.Purge.Target>> byPartition = new HashMap<>();
    for (Command.Purge.Target target : targets) {
      byPartition
          .computeIfAbsent(
              InstanceIds.partition(target.instanceId(), engine.partitions()),
              key -> new ArrayList<>())
          .add(target);
    }
    List<CompletableFuture<Integer>> replies = new ArrayList<>();
    byPartition.values().forEach(some -> replies.add(purge(some, true)));
    return replies;
  }

  private CompletableFuture<Integer> purge(
      List<Command.Purge.Target> targets, boolean skipUnfinished) {
    CompletableFuture<Integer> reply = new CompletableFuture<>();
    engine.post(targets.getFirst().instanceId(), new Command.Purge(targets, skipUnfinished, reply));
    return reply;
  }
}
