package dev.perdure.simulation;

import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What clients asked for, what was acknowledged, and what therefore has to come of it. */
final class Promises {
  private final Random random;
  private final Report report;
  private final Map<String, Promise> promises = new LinkedHashMap<>();
  private final Map<String, Mailbox> mailboxes = new LinkedHashMap<>();
  private final Map<String, Boolean> added = new LinkedHashMap<>();
  private final Set<String> purged = new LinkedHashSet<>();
  private boolean terminatedArePurged;

  Promises(Random random, Report report) {
    this.random = random;
    this.report = report;
  }

  // ---- orchestrations -----------------------------------------------------------------------

  void add(Promise promise) {
    promises.put(promise.id(), promise);
  }

  Collection<Promise> all() {
    return List.copyOf(promises.values());
  }

  @Nullable Promise get(String id) {
    return promises.get(id);
  }

  /** One of those that were started, or may have been. */
  String someId() {
    return promises.isEmpty()
        ? "none"
        : List.copyOf(promises.keySet()).get(random.nextInt(promises.size()));
  }

  boolean isAcknowledged(String id) {
    Promise promise = get(id);
    return promise != null && promise.acknowledged;
  }

  /** Those of which it is known that they are there, and that nobody may have purged. */
  List<String> acknowledged() {
    List<String> ids = new ArrayList<>();
    for (Promise promise : promises.values()) {
      if (promise.acknowledged && !mayBePurged(promise)) {
        ids.add(promise.id());
      }
    }
    return ids;
  }

  /**
   * Somebody did not find an instance.
   *
   * @param acknowledged whether its start was, before the question was asked
   */
  void missed(String id, boolean acknowledged) {
    Promise promise = get(id);
    report.check(
        "nothing acknowledged is lost",
        !acknowledged || (promise != null && mayBePurged(promise)),
        id + " is gone");
  }

  /** Somebody saw an instance: an end, once seen, stays. */
  void seen(OrchestrationMetadata status) {
    Promise promise = get(status.instanceId());
    if (promise == null) {
      return;
    }
    report.check(
        "nobody is set aside",
        status.problem() == null,
        status.instanceId() + " is set aside: " + status.problem());
    if (!status.isTerminal()) {
      return; // it may have ended since the answer was made
    }
    String end = status.status() + " " + output(status);
    report.check(
        "one end",
        promise.end == null || promise.end.equals(end),
        "%s ended as %s and as %s".formatted(status.instanceId(), promise.end, end));
    boolean first = promise.end == null;
    promise.end = end;
    if (status.status() == OrchestrationStatus.TERMINATED) {
      report.check(
          "only who was to be terminated is",
          promise.mayBeTerminated,
          status.instanceId() + " was terminated by nobody");
      return;
    }
    Object output = promise.output();
    report.check(
        "ends as promised",
        status.status() == OrchestrationStatus.COMPLETED
            && (output == null || output.toString().equals(output(status))),
        "%s ended as %s, with %s; promised was %s"
            .formatted(status.instanceId(), end, status.failure(), output));
    if (first) {
      Functions.features(promise).forEach(report::used);
    }
  }

  static String output(OrchestrationMetadata status) {
    return String.valueOf(status.output(Object.class));
  }

  // ---- letters ------------------------------------------------------------------------------

  void add(String id, Mailbox mailbox) {
    mailboxes.put(id, mailbox);
  }

  /** One of the mailboxes; null if there is none. */
  @Nullable String someMailbox() {
    return mailboxes.isEmpty()
        ? null
        : List.copyOf(mailboxes.keySet()).get(random.nextInt(mailboxes.size()));
  }

  Mailbox mailbox(String id) {
    return Objects.requireNonNull(mailboxes.get(id));
  }

  /** Those that have not got their last letter. */
  List<String> openMailboxes() {
    List<String> open = new ArrayList<>();
    mailboxes.forEach(
        (id, mailbox) -> {
          if (!mailbox.isClosed()) {
            open.add(id);
          }
        });
    return open;
  }

  // ---- additions to counters ----------------------------------------------------------------

  void adding(String key) {
    added.put(key, false);
  }

  void added(String key) {
    added.put(key, true);
  }

  /** Additions to counters by clients: whether each was acknowledged. */
  Map<String, Boolean> additions() {
    return added;
  }

  // ---- purging ------------------------------------------------------------------------------

  void purged(String id) {
    purged.add(id);
  }

  Set<String> purged() {
    return purged;
  }

  /** From now on, who was terminated may be gone. */
  void purgeTerminated() {
    terminatedArePurged = true;
  }

  /** Whether anybody who was terminated may be gone. */
  boolean areTerminatedPurged() {
    return terminatedArePurged;
  }

  private boolean mayBePurged(Promise promise) {
    return promise.mayBeTerminated && terminatedArePurged;
  }

  /** Those that were seen to have been terminated. */
  List<String> terminated() {
    List<String> ids = new ArrayList<>();
    for (Promise promise : promises.values()) {
      if (promise.end != null && promise.end.startsWith("TERMINATED")) {
        ids.add(promise.id());
      }
    }
    return ids;
  }
}
