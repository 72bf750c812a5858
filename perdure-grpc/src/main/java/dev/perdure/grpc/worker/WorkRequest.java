package dev.perdure.grpc.worker;

import com.google.protobuf.ByteString;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.grpc.protocol.WorkItem;

/** What a worker is asked to do. */
public sealed interface WorkRequest {

  /**
   * To take a step of an orchestration. The parts, one after the other, are an encoded {@code
   * OrchestratorRequest}, which is never decoded on this side.
   *
   * @param head what the requests of most steps of an orchestration begin with
   * @param past the events before the step; empty if the worker fetches them
   * @param events the events of the step
   */
  record Step(ByteString head, ByteString past, ByteString events) implements WorkRequest {
    /** The request as one. */
    public ByteString encoded() {
      return head.concat(past).concat(events);
    }
  }

  /** To run an activity. */
  record Activity(ActivityWork work) implements WorkRequest {}

  /**
   * To run operations of an entity.
   *
   * @param item all but the token
   */
  record Operations(WorkItem item) implements WorkRequest {}
}
