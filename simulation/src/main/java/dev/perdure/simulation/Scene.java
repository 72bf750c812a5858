package dev.perdure.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where clients and the judge are, and what they share.
 *
 * @param beginning the time of the hosts' clocks at the beginning, before they jump
 * @param random decides what is done
 * @param report takes down what was seen
 * @param hub asks the hub
 * @param promises what was asked for so far
 * @param replays compares orchestrations with their histories
 * @param spoiled instances whose code is another one at present
 * @param teller is told what happens
 */
record Scene(
    Instant beginning,
    Random random,
    Report report,
    Requester hub,
    Promises promises,
    Replays replays,
    Set<String> spoiled,
    Consumer<String> teller) {

  /** Some time in the hours that a simulation covers. */
  Instant someTime() {
    return beginning.plusMillis(random.nextInt(10_000_000));
  }

  /** Whether it is the code of remote workers that is to be used of an orchestrator, this time. */
  boolean isRemoteNow(String orchestrator) {
    return RemoteFunctions.have(orchestrator) && random.nextInt(3) == 0;
  }

  /** Waits for a random time. */
  void pauseUpTo(int millis) {
    hub.pause(Duration.ofMillis(random.nextInt(millis)));
  }
}
