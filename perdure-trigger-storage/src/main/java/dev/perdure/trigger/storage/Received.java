package dev.perdure.trigger.storage;

import java.time.Instant;

/**
 * A message that was taken from a queue, and is invisible to others for a while.
 *
 * @param id its id
 * @param receipt what shows that we have it; changes whenever its time is extended
 * @param text its text, as the queue keeps it
 * @param dequeueCount how often it was taken, this time included
 * @param inserted when it was put into the queue
 * @param expires when the queue forgets it
 * @param nextVisible when others see it again
 */
record Received(
    String id,
    String receipt,
    String text,
    long dequeueCount,
    Instant inserted,
    Instant expires,
    Instant nextVisible) {
  Received renewed(String newReceipt, Instant until) {
    return new Received(id, newReceipt, text, dequeueCount, inserted, expires, until);
  }

  /** Without its content. */
  @Override
  public String toString() {
    return "message " + id;
  }
}
