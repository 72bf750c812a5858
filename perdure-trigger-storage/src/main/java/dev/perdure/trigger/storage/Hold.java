package dev.perdure.trigger.storage;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps a message invisible to others while it is worked on, and does with it what is decided in
 * the end. Used by one thread, beside the one it has itself.
 */
final class Hold {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.storage");

  private final MessageQueue queue;
  private final Duration time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Thread renewing;
  private Received message;
  private boolean ended;

  /** Takes over a message that was taken for a time. */
  Hold(MessageQueue queue, Received message, Duration time) {
    this.queue = queue;
    this.message = message;
    this.time = time;
    this.renewing = Thread.ofVirtual().name("hold " + message.id()).unstarted(this::renew);
    renewing.start();
  }

  private void renew() {
    try {
      Duration wait = time.dividedBy(2);
      while (true) {
        Thread.sleep(wait);
        wait = renewOnce() ? time.dividedBy(2) : time.dividedBy(20);
      }
    } catch (InterruptedException e) {
      // Nobody works on it any longer.
    }
  }

  private boolean renewOnce() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (ended) {
        throw new InterruptedException();
      }
      Optional<Received> renewed = queue.hide(message, time);
      if (renewed.isEmpty()) {
        LOG.log(
            Level.WARNING,
            "Message %s of the queue '%s' was taken by somebody else while it was worked on."
                .formatted(message.id(), queue.name()));
        throw new InterruptedException();
      }
      message = renewed.get();
      return true;
    } catch (StorageException e) {
      LOG.log(
          Level.WARNING,
          "Message %s of the queue '%s' could not be kept; this is tried again. %s"
              .formatted(message.id(), queue.name(), e.getMessage()));
      return false;
    } finally {
      lock.unlock();
    }
  }

  private Received end() {
    lock.lock();
    try {
      ended = true;
      return message;
    } finally {
      lock.unlock();
      renewing.interrupt();
    }
  }

  /** Ends the hold and deletes the message. */
  void delete() throws StorageException, InterruptedException {
    Received last = end();
    if (!queue.delete(last)) {
      LOG.log(
          Level.WARNING,
          "Message %s of the queue '%s' is done with, but could not be deleted, because somebody else has taken it. It will have been worked on twice."
              .formatted(last.id(), queue.name()));
    }
  }

  /** Ends the hold and lets others see the message after a time. */
  void giveBack(Duration after) throws StorageException, InterruptedException {
    Optional<Received> unused = queue.hide(end(), after);
  }

  /** Ends the hold. The message is seen by others when its time is over. */
  void leave() {
    Received unused = end();
  }
}
