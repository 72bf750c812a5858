package dev.perdure.engine;

import dev.perdure.api.AuditReport;
import dev.perdure.api.AuditReport.Finding;
import dev.perdure.api.EntityId;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.engine.activity.ActivityDispatcher;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.codec.HistoryCodec;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.instance.HistoryFacts;
import dev.perdure.engine.partition.AuditWait;
import dev.perdure.engine.partition.Command;
import dev.perdure.engine.partition.HistorySnapshot;
import dev.perdure.engine.partition.Metadata;
import dev.perdure.engine.worker.Workers;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks the partitions whether what they hold will be woken, and asks around about what one of them
 * alone cannot tell. The hub goes on meanwhile, and one answer is older than the next; so whatever
 * looks wrong is looked at again, and again.
 */
final class Auditor {
  private static final System.Logger LOG = System.getLogger("dev.perdure.audit");

  /** Ids read from the store at once. */
  private static final int PAGE = 500;

  /** Instances that a partition is asked for at once; reading so many rows takes it 1 to 2 ms. */
  private static final int INSTANCES_AT_ONCE = 50;

  /** Waits that a partition is asked about at once; each may be a row to be read. */
  private static final int WAITS_AT_ONCE = 200;

  /** How long to wait before what looked wrong is looked at again. */
  private static final List<Duration> PAUSES =
      List.of(Duration.ofMillis(100), Duration.ofMillis(400), Duration.ofMillis(1_500));

  /** Orchestrations and entities that one check in the background looks at. */
  private static final int SAMPLE = 100;

  /** How long work waits for its turn before that is worth a note. */
  private static final Duration LONG_WAIT = Duration.ofMinutes(1);

  /** Histories of suspended and set-aside orchestrations that are read to tell since when. */
  private static final int HISTORIES_MAX = 1_000;

  /** Findings remembered so as not to be reported again. */
  private static final int REPORTED_MAX = 1_000;

  /** Ids of instances with a note, remembered likewise; without a worker, all of them may wait. */
  private static final int NOTED_MAX = 100_000;

  /** Instances with a note that one check in the background logs; the others are counted. */
  private static final int NOTES_LOGGED_MAX = 3;

  private final int partitions;
  private final Store store;
  private final BiConsumer<Integer, Command> posts;
  private final WorkInHand workInHand;
  private final InstantSource clock;
  private final Consumer<Duration> pauses;

  // Of the background check, which one thread makes.
  private @Nullable String orchestrationsSeen;
  private @Nullable String entitiesSeen;
  private final Set<Finding> reported = new LinkedHashSet<>();
  private final Set<String> noted = new LinkedHashSet<>();

  private final AtomicLong findingsReported = new AtomicLong();
  private final AtomicLong notesReported = new AtomicLong();

  /** What the partitions have handed out. Safe from any thread. */
  interface WorkInHand extends LongWaits.Obstacles {
    /** Of a host that hands out nothing. */
    WorkInHand NOTHING =
        new WorkInHand() {
          @Override
          public ActivityDispatcher.Unfinished activities() {
            return ActivityDispatcher.Unfinished.NOTHING;
          }

          @Override
          public List<Workers.Waiting> waitingForWorkers(long beforeMillis) {
            return List.of();
          }

          @Override
          public @Nullable String obstacle(FunctionKind kind, String name, String version) {
            return null;
          }
        };

    /** The activities that this host runs or will run. */
    ActivityDispatcher.Unfinished activities();

    /** What has waited for a worker since before a time; see {@link Workers#waitingSince}. */
    List<Workers.Waiting> waitingForWorkers(long beforeMillis);
  }

  /**
   * An auditor.
   *
   * @param posts hands a command to a partition
   * @param pauses has the calling thread wait
   */
  Auditor(
      Store store,
      BiConsumer<Integer, Command> posts,
      WorkInHand workInHand,
      InstantSource clock,
      Consumer<Duration> pauses) {
    this.partitions = store.partitions();
    this.store = store;
    this.posts = posts;
    this.workInHand = workInHand;
    this.clock = clock;
    this.pauses = pauses;
  }

  // ---- all, or some ---------------------------------------------------------------------------

  /** Which orchestrations can be found: those that have not ended. */
  static InstanceFilter unfinished() {
    return new InstanceFilter(
        0,
        Stream.of(
                OrchestrationStatus.PENDING,
                OrchestrationStatus.RUNNING,
                OrchestrationStatus.SUSPENDED)
            .map(HistoryCodec::statusCode)
            .collect(Collectors.toSet()),
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        0,
        Long.MAX_VALUE,
        "",
        null,
        Map.of(),
        false);
  }

  private static InstanceFilter entities() {
    return Metadata.entityFilter("@", true, Long.MIN_VALUE, Long.MAX_VALUE).withoutStates();
  }

  /**
   * Looks at everything that rows show.
   *
   * @param alsoIds more, which need not have rows
   */
  AuditReport all(Collection<String> alsoIds) {
    Look look = new Look();
    look.at(alsoIds);
    look.noteLongWaits(alsoIds);
    for (InstanceFilter filter : List.of(unfinished(), entities())) {
      String token = null;
      do {
        InstancePage page = store.query(filter, PAGE, token);
        List<String> more = ids(page).filter(id -> !alsoIds.contains(id)).toList();
        look.at(more);
        look.noteLongWaits(more);
        token = page.continuationToken();
      } while (token != null);
    }
    look.again();
    return look.report();
  }

  private static Stream<String> ids(InstancePage page) {
    return page.rows().stream().map(InstanceRow::id);
  }

  /** Looks at the next few and reports what is wrong with them. */
  void sample() {
    try {
      Look look = new Look();
      InstancePage some = store.query(unfinished(), SAMPLE, orchestrationsSeen);
      orchestrationsSeen = some.continuationToken();
      List<String> lookedAt = new ArrayList<>(ids(some).toList());
      some = store.query(entities(), SAMPLE, entitiesSeen);
      entitiesSeen = some.continuationToken();
      lookedAt.addAll(ids(some).toList());
      look.at(lookedAt);
      look.noteLongWaits(lookedAt);
      look.again();
      report(look.findings);
      reportLongWaits(lookedAt, look.longWaits.all());
    } catch (HubClosedException | StoreException e) {
      LOG.log(System.Logger.Level.DEBUG, "A background audit was given up", e);
    }
  }

  /** Findings that samples have reported so far. */
  long findingsReported() {
    return findingsReported.get();
  }

  /** Times that samples have reported an instance whose work waits for long. */
  long notesReported() {
    return notesReported.get();
  }

  private void report(Set<Finding> findings) {
    for (Finding finding : findings) {
      if (reported.add(finding)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "Nothing will wake an instance; this is a defect of Perdure, please report it: {0}",
            finding);
        findingsReported.incrementAndGet();
      }
    }
    forgetOldest(reported, REPORTED_MAX);
  }

  /** Reports an instance once, and again only when its work had its turn meanwhile. */
  private void reportLongWaits(List<String> lookedAt, List<Finding> notes) {
    Map<String, Finding> waiting = new LinkedHashMap<>();
    for (Finding note : notes) {
      waiting.putIfAbsent(note.instanceId(), note);
    }
    for (String id : lookedAt) {
      if (!waiting.containsKey(id)) {
        noted.remove(id);
      }
    }
    waiting.keySet().removeIf(id -> !noted.add(id));
    forgetOldest(noted, NOTED_MAX);
    waiting.values().stream()
        .limit(NOTES_LOGGED_MAX)
        .forEach(note -> LOG.log(System.Logger.Level.INFO, "Work has waited for long: {0}", note));
    if (waiting.size() > NOTES_LOGGED_MAX) {
      LOG.log(
          System.Logger.Level.INFO,
          "Work of {0} more instances has waited for long",
          waiting.size() - NOTES_LOGGED_MAX);
    }
    notesReported.addAndGet(waiting.size());
  }

  private static void forgetOldest(Set<?> remembered, int most) {
    while (remembered.size() > most) {
      remembered.remove(remembered.iterator().next());
    }
  }

  // ---- looking --------------------------------------------------------------------------------

  private final class Look {
    private long orchestrations;
    private long entities;
    private Set<Finding> findings = new LinkedHashSet<>();
    private final Set<Finding> notes = new LinkedHashSet<>();
    private final LongWaits longWaits = new LongWaits(workInHand);
    private final long longAgo = clock.instant().minus(LONG_WAIT).toEpochMilli();
    private @Nullable Map<String, Workers.Waiting> waitForWorkers;

    void at(Collection<String> ids) {
      List<AuditWait> waits = new ArrayList<>();
      Map<Integer, List<String>> byPartition = new HashMap<>();
      for (String id : ids) {
        byPartition
            .computeIfAbsent(InstanceIds.partition(id, partitions), key -> new ArrayList<>())
            .add(id);
      }
      byPartition.forEach((partition, some) -> ask(partition, some, waits));
      unknown(inNobodysHands(waits)).forEach(wait -> findings.add(wait.finding()));
    }

    /** Notes those whose next step or operations have waited for a worker for long. */
    void noteLongWaits(Collection<String> ids) {
      for (String id : ids) {
        Workers.Waiting waiting = waitForWorkers().get(id);
        if (waiting != null) {
          longWaits.add(waiting);
        }
      }
    }

    /** The steps and the operations that have waited for a worker for long, by instance. */
    private Map<String, Workers.Waiting> waitForWorkers() {
      Map<String, Workers.Waiting> known = waitForWorkers;
      if (known == null) {
        known = new HashMap<>();
        for (Workers.Waiting work : workInHand.waitingForWorkers(longAgo)) {
          if (work.kind() != FunctionKind.ACTIVITY) { // those are noted as waits of a task
            known.put(work.instanceId(), work);
          }
        }
        waitForWorkers = known;
      }
      return known;
    }

    private void ask(int partition, List<String> ids, List<AuditWait> waits) {
      int from = 0;
      while (from < ids.size()) {
        CompletableFuture<Command.Audit.Answer> reply = new CompletableFuture<>();
        List<String> some = ids.subList(from, Math.min(ids.size(), from + INSTANCES_AT_ONCE));
        posts.accept(partition, new Command.Audit(some, reply));
        Command.Audit.Answer answer = get(reply);
        from += answer.handled();
        orchestrations += answer.orchestrations();
        entities += answer.entities();
        findings.addAll(answer.findings());
        notes.addAll(answer.notes());
        waits.addAll(answer.waits());
      }
    }

    /** Leaves out the activities that this host has; those that wait for long get a note. */
    private List<AuditWait> inNobodysHands(List<AuditWait> waits) {
      if (waits.stream().noneMatch(AuditWait.Activity.class::isInstance)) {
        return waits;
      }
      ActivityDispatcher.Unfinished inHand = workInHand.activities();
      Map<TaskAddress, ActivityWork> waiting = byTask(inHand.waiting());
      Map<TaskAddress, ActivityWork> running = byTask(inHand.running());
      Set<String> noted = new HashSet<>();
      List<AuditWait> left = new ArrayList<>();
      for (AuditWait wait : waits) {
        ActivityWork work = wait instanceof AuditWait.Activity ? waiting.get(wait.task()) : null;
        Instant since = wait.finding().since();
        if (work != null
            && since != null
            && since.toEpochMilli() < longAgo
            && noted.add(work.instanceId())) {
          longWaits.add(work, since);
        }
        if (work == null
            && !(wait instanceof AuditWait.Activity && running.containsKey(wait.task()))) {
          left.add(wait);
        }
      }
      return left;
    }

    /** Looks again at what looked wrong; what does not every time is forgotten. */
    void again() {
      for (Duration pause : PAUSES) {
        if (findings.isEmpty()) {
          return;
        }
        pauses.accept(pause);
        Look next = new Look();
        next.at(findings.stream().map(Finding::instanceId).distinct().toList());
        findings.retainAll(next.findings);
      }
    }

    AuditReport report() {
      List<Finding> all = dated(notes);
      all.addAll(longWaits.grouped());
      return new AuditReport(orchestrations, entities, List.copyOf(findings), all);
    }
  }

  /** Notes with the times of which only histories tell, as far as not too many have to be read. */
  private List<Finding> dated(Collection<Finding> notes) {
    List<Finding> dated = new ArrayList<>(notes.size());
    int left = HISTORIES_MAX;
    for (Finding note : notes) {
      boolean read = !EntityId.isEntityId(note.instanceId()) && left-- > 0;
      Instant since = read ? sinceByHistory(note) : null;
      dated.add(
          since == null
              ? note
              : new Finding(note.instanceId(), note.kind(), note.description(), since));
    }
    return dated;
  }

  /** When an orchestration was suspended or set aside; null if that cannot be told. */
  private @Nullable Instant sinceByHistory(Finding note) {
    try {
      CompletableFuture<HistorySnapshot> reply = new CompletableFuture<>();
      posts.accept(
          InstanceIds.partition(note.instanceId(), partitions),
          new Command.GetHistory(note.instanceId(), reply));
      HistoryFacts facts = HistoryFacts.of(get(reply).read(store));
      HistoryEvent what = note.kind().equals("suspended") ? facts.suspended() : facts.setAside();
      return what == null ? null : what.timestamp();
    } catch (InstanceNotFoundException | StoreException | IllegalStateException e) {
      return null; // it went on while its history was read, or that cannot be read
    }
  }

  /** The waits that nobody knows of. */
  private List<AuditWait> unknown(List<AuditWait> left) {
    List<AuditWait> unknown = new ArrayList<>();
    for (int from = 0; from < left.size(); from += WAITS_AT_ONCE) {
      List<AuditWait> some = left.subList(from, Math.min(left.size(), from + WAITS_AT_ONCE));
      for (int partition = 0; partition < partitions && !some.isEmpty(); partition++) {
        CompletableFuture<Set<AuditWait>> reply = new CompletableFuture<>();
        posts.accept(partition, new Command.AuditWaits(some, reply));
        Set<AuditWait> known = get(reply);
        some = some.stream().filter(wait -> !known.contains(wait)).toList();
      }
      unknown.addAll(some);
    }
    return unknown;
  }

  private static Map<TaskAddress, ActivityWork> byTask(List<ActivityWork> all) {
    Map<TaskAddress, ActivityWork> byTask = new HashMap<>();
    for (ActivityWork work : all) {
      byTask.put(new TaskAddress(work.instanceId(), work.executionId(), work.taskId()), work);
    }
    return byTask;
  }

  private static <T> T get(CompletableFuture<T> reply) {
    try {
      return reply.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HubClosedException("The thread was interrupted during an audit.");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new HubClosedException("The audit failed: " + e.getCause(), e.getCause());
    }
  }

  @Override
  public String toString() {
    return "Auditor[pauses of " + PAUSES + "]";
  }
}
