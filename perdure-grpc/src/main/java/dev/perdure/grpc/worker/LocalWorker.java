package dev.perdure.grpc.worker;

import com.google.protobuf.ByteString;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.grpc.protocol.WorkItem;
import java.util.List;

/**
 * A worker in this process. It gets the same messages as one elsewhere, without a connection in
 * between, and answers through {@link Answers}. Methods are called by threads of the engine, one at
 * a time: they must not block nor run functions.
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
   * @param message what a worker elsewhere would get
   */
  record Work(FunctionKind kind, String name, String instanceId, String token, WorkItem message) {

    /**
     * The encoded request of a step. It is never decoded on this side.
     *
     * @throws IllegalStateException if this is no step of an orchestration
     */
    public ByteString orchestratorRequest() {
      List<ByteString> encoded =
          message
              .getUnknownFields()
              .getField(WorkItem.ORCHESTRATORREQUEST_FIELD_NUMBER)
              .getLengthDelimitedList();
      if (kind != FunctionKind.ORCHESTRATOR || encoded.size() != 1) {
        throw new IllegalStateException("This is no step of an orchestration.");
      }
      return encoded.getFirst();
    }
  }
}
