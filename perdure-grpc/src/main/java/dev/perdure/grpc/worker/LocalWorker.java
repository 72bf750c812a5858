package dev.perdure.grpc.worker;

import dev.perdure.engine.functions.FunctionKind;

/**
 * A worker in this process. It is asked for the same as one elsewhere, without messages and a
 * connection in between, and answers through {@link Answers}. Methods are called by threads of the
 * engine, one at a time: they must not block nor run functions.
 */
public interface LocalWorker {
  /** Takes a piece of work. What it throws makes the pool take it for gone. */
  void take(Work work);

  /** No more work comes. */
  void ended();

  /**
   * A piece of work.
   *
   * @param kind what is to be run
   * @param name the name of the function
   * @param instanceId the orchestration it belongs to, or the entity
   * @param token goes into the answer, so that one that comes too late is recognized
   * @param request what is to be done
   */
  record Work(
      FunctionKind kind, String name, String instanceId, String token, WorkRequest request) {}
}
