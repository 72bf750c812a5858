package dev.perdure.store.rocksdb;

import dev.perdure.store.LogRecord;
import dev.perdure.store.Store.CommitCallback;
import dev.perdure.store.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Combines commits. A caller that finds nobody committing does it at once, on its own thread; those
 * who come meanwhile wait, and all of their records are made durable together by the first of them.
 * With one caller there is no hand-over between threads, and with many there is one sync for all.
 *
 * <p>A callback may commit again; such a commit is taken up when the callback has returned.
 */
final class GroupCommit {
  private static final System.Logger LOGGER = System.getLogger(GroupCommit.class.getName());

  private static final class Commit {
    final List<LogRecord> records;
    final CommitCallback callback;
    final Thread caller;
    @Nullable Throwable failure;
    boolean done;

    Commit(List<LogRecord> records, CommitCallback callback) {
      this.records = records;
      this.callback = callback;
      this.caller = Thread.currentThread();
    }
  }

  private final CommitLog log;
  private final Fences fences;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ledOrDone = lock.newCondition();
  private Deque<Commit> waiting = new ArrayDeque<>();

  /** Empty; takes what comes during the next turn, so that taking turns needs no memory. */
  private Deque<Commit> spare = new ArrayDeque<>();

  private @Nullable Thread leader;
  private boolean closed;

  GroupCommit(CommitLog log, Fences fences) {
    this.log = log;
    this.fences = fences;
  }

  void commit(List<LogRecord> records, CommitCallback callback) {
    Commit commit = new Commit(records, callback);
    lock.lock();
    try {
      if (closed) {
        commit.failure = StoreException.closed("This store");
      } else {
        waiting.add(commit);
        if (leader == Thread.currentThread()) {
          return; // from a callback
        }
        while (leader != null && !commit.done) {
          ledOrDone.awaitUninterruptibly();
        }
        if (commit.done) {
          return;
        }
        leader = Thread.currentThread();
      }
    } finally {
      lock.unlock();
    }
    if (commit.failure != null) {
      tell(commit);
    } else {
      lead();
    }
  }

  /** Carries out what waits, this thread's commit among it. */
  private void lead() {
    boolean leading = true;
    while (leading) {
      Deque<Commit> group = takeWaiting();
      try {
        write(group);
      } catch (RuntimeException | Error e) { // whoever waits must hear, and never of a success
        failAll(group, e);
      }
      group.forEach(GroupCommit::tell);
      leading = endTurn(group);
    }
  }

  private Deque<Commit> takeWaiting() {
    lock.lock();
    try {
      Deque<Commit> group = waiting;
      waiting = spare;
      return group;
    } finally {
      lock.unlock();
    }
  }

  /** Wakes those who waited; says whether callbacks have left this thread more to do. */
  private boolean endTurn(Deque<Commit> group) {
    lock.lock();
    try {
      group.forEach(commit -> commit.done = true);
      group.clear();
      spare = group;
      ledOrDone.signalAll();
      for (Commit commit : waiting) {
        if (commit.caller == leader) {
          return true;
        }
      }
      leader = null;
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void write(Deque<Commit> group) {
    log.lock.lock();
    try {
      List<LogRecord> records = new ArrayList<>();
      for (Commit commit : group) {
        try {
          check(commit, records);
          records.addAll(commit.records);
        } catch (RuntimeException e) {
          fail(commit, e);
        }
      }
      if (!records.isEmpty()) {
        log.append(records);
      }
    } catch (RuntimeException | Error e) {
      failAll(group, e);
    } finally {
      log.lock.unlock();
    }
  }

  private void check(Commit commit, List<LogRecord> before) {
    for (LogRecord record : commit.records) {
      fences.checkCommit(record.partition(), record.epoch());
      LogRecord previous = lastOf(record.partition(), before);
      boolean continues =
          previous == null
              ? log.continuesWith(record)
              : previous.lastPosition() + 1 == record.firstPosition();
      if (!continues) {
        throw new IllegalArgumentException(
            "Partition %d: a record begins at position %d, which is not where the log ends."
                .formatted(record.partition(), record.firstPosition()));
      }
    }
  }

  private static @Nullable LogRecord lastOf(int partition, List<LogRecord> records) {
    for (int i = records.size() - 1; i >= 0; i--) {
      if (records.get(i).partition() == partition) {
        return records.get(i);
      }
    }
    return null;
  }

  private void failAll(Deque<Commit> group, Throwable failure) {
    for (Commit commit : group) {
      if (commit.failure == null) {
        fail(commit, failure);
      }
    }
  }

  private void fail(Commit commit, Throwable failure) {
    commit.failure = failure;
    for (LogRecord record : commit.records) {
      fences.commitFailed(record.partition(), record.epoch(), failure);
    }
  }

  /** Never throws: the others must hear of their commits all the same. */
  private static void tell(Commit commit) {
    try {
      commit.callback.committed(commit.failure);
    } catch (RuntimeException | Error e) {
      report(e);
    }
  }

  private static void report(Throwable thrown) {
    try {
      LOGGER.log(System.Logger.Level.ERROR, "A commit callback threw, which it must not", thrown);
    } catch (RuntimeException | Error e) {
      thrown.addSuppressed(e); // there is nobody left to tell
    }
  }

  /** Takes no more commits and waits for those under way. */
  void close() {
    lock.lock();
    try {
      closed = true;
      while ((leader != null || !waiting.isEmpty()) && leader != Thread.currentThread()) {
        ledOrDone.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
