package dev.perdure.engine;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What an engine takes from the outside world, so that tests can own it.
 *
 * @param clock the time; never used for safety, only for timers and time stamps
 * @param nanoTime a clock for measuring how long things take, in nanoseconds; not moved by whoever
 *     sets the time
 * @param random makes ids; must be thread-safe
 * @param orchestratorThreads makes the threads that orchestrators run on
 * @param activityThreads makes the threads that activities run on
 * @param entityThreads makes the threads that operations of entities run on
 * @param hostThreads makes what one engine runs itself on
 * @param messages carries messages from one partition to another: runs what delivers one, which may
 *     be late, or more than once, or never if the host dies
 */
public record EngineEnvironment(
    InstantSource clock,
    LongSupplier nanoTime,
    RandomGenerator random,
    ThreadFactory orchestratorThreads,
    ThreadFactory activityThreads,
    ThreadFactory entityThreads,
    Supplier<HostThreads> hostThreads,
    Executor messages) {

  /** How threads of orchestrators are named, by which they are told from others. */
  static final String ORCHESTRATOR_THREAD = "perdure-orchestrator";

  /** An environment whose engines run on threads of the system. */
  public EngineEnvironment(
      InstantSource clock,
      RandomGenerator random,
      ThreadFactory orchestratorThreads,
      ThreadFactory activityThreads,
      ThreadFactory entityThreads) {
    this(
        clock,
        System::nanoTime,
        random,
        orchestratorThreads,
        activityThreads,
        entityThreads,
        SystemThreads::new,
        Runnable::run);
  }

  /** The system's clock, a strong source of random numbers, and virtual threads. */
  public static EngineEnvironment system() {
    return new EngineEnvironment(
        InstantSource.system(),
        new SecureRandom(),
        Thread.ofVirtual().name(ORCHESTRATOR_THREAD).factory(),
        Thread.ofVirtual().name("perdure-activity").factory(),
        Thread.ofVirtual().name("perdure-entity").factory());
  }
}
