package dev.perdure.engine.orchestrator;

import dev.perdure.api.DataConverter;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.worker.Workers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What all sessions of an engine share.
 *
 * @param functions the registered functions
 * @param converter reads and writes payloads
 * @param clock stamps events; never shown to code
 * @param nanoTime measures how long steps take, in nanoseconds
 * @param payloadBytesMax bytes of one serialized value
 * @param openTasksMax tasks that one orchestration may have under way
 * @param instanceIdCharsMax characters of an instance id
 * @param threads makes the threads that code runs on
 * @param workers run what this host has no function for; null if there are none
 */
public record SessionConfig(
    FunctionRegistry functions,
    DataConverter converter,
    InstantSource clock,
    LongSupplier nanoTime,
    int payloadBytesMax,
    int openTasksMax,
    int instanceIdCharsMax,
    ThreadFactory threads,
    @Nullable Workers workers) {

  /**
   * The time that events are stamped with: in milliseconds, as they are stored, so that code is
   * told the same time whether it is replayed or not.
   */
  public Instant now() {
    return Instant.ofEpochMilli(clock.millis());
  }

  /** Whether steps of an orchestrator are taken by remote workers. */
  public boolean isRemoteOrchestrator(String name, String version) {
    return workers != null && functions.orchestrator(name, version) == null;
  }

  /** Whether an activity is run by remote workers. */
  public boolean isRemoteActivity(String name) {
    return workers != null && functions.activity(name) == null;
  }

  /** Whether operations of an entity are run by remote workers. */
  public boolean isRemoteEntity(String name) {
    return workers != null && functions.entity(name) == null;
  }
}
