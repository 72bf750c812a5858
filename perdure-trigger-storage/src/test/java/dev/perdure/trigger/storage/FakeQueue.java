package dev.perdure.trigger.storage;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/** A queue in memory, which writes down what is done with it. A message that is hidden is gone. */
final class FakeQueue implements MessageQueue {
  /** What was done, such as {@code delete m1}. */
  final BlockingQueue<String> done = new LinkedBlockingQueue<>();

  final List<String> sent = new CopyOnWriteArrayList<>();

  private final String name;
  private final List<Received> visible = new ArrayList<>();
  private int receipts;
  private int failures;
  private int looks;

  FakeQueue(String name) {
    this.name = name;
  }

  synchronized void put(String id, long dequeueCount) {
    Instant now = Instant.now();
    visible.add(new Received(id, "r0", "text of " + id, dequeueCount, now, now, now));
  }

  /** Lets the next calls fail. */
  synchronized void fail(int calls) {
    failures = calls;
  }

  /** How often it was looked into. */
  synchronized int looks() {
    return looks;
  }

  private synchronized void maybeFail() throws StorageException {
    if (failures > 0) {
      failures--;
      throw new StorageException("The queue is away.", new IOException());
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String address() {
    return "memory:" + System.identityHashCode(this);
  }

  @Override
  public synchronized Optional<List<Received>> receive(int most, Duration invisible)
      throws StorageException {
    maybeFail();
    looks++;
    List<Received> taken = List.copyOf(visible.subList(0, Math.min(most, visible.size())));
    visible.subList(0, taken.size()).clear();
    return Optional.of(taken);
  }

  @Override
  public synchronized Optional<Received> hide(Received message, Duration time)
      throws StorageException {
    maybeFail();
    receipts++;
    done.add("hide %s %s with %s".formatted(message.id(), time, message.receipt()));
    return Optional.of(message.renewed("r" + receipts, Instant.now()));
  }

  @Override
  public boolean delete(Received message) throws StorageException {
    maybeFail();
    done.add("delete %s with %s".formatted(message.id(), message.receipt()));
    return true;
  }

  @Override
  public void send(String text, Duration after) throws StorageException {
    maybeFail();
    sent.add(text);
    if (!after.isZero()) {
      done.add("send after " + after);
    }
  }
}
