package dev.perdure.engine.entity;

import dev.perdure.api.Payload;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.HistoryCodec;
import dev.perdure.engine.entity.EntityEvent.BatchCompleted;
import dev.perdure.engine.entity.EntityEvent.BatchRedelivered;
import dev.perdure.engine.entity.EntityEvent.EntityPurged;
import dev.perdure.engine.entity.EntityEvent.EntityRequeued;
import dev.perdure.engine.entity.EntityEvent.EntitySetAside;
import dev.perdure.engine.entity.EntityEvent.LockAcquired;
import dev.perdure.engine.entity.EntityEvent.LockReleased;
import dev.perdure.engine.entity.EntityEvent.LockWithdrawn;
import dev.perdure.engine.entity.EntityEvent.RequestReceived;
import dev.perdure.engine.entity.EntityEvent.SignalDue;
import dev.perdure.engine.entity.EntityEvent.SignalScheduled;
import dev.perdure.engine.entity.EntityEvent.StateChange;
import dev.perdure.engine.entity.EntityEvent.WithdrawnLockPassed;
import dev.perdure.engine.entity.EntityRequest.LockRequest;
import dev.perdure.engine.entity.EntityRequest.Operation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The stored form of requests and events of entities. Tags are never reused. */
public final class EntityCodec {
  private static final int OPERATION = 1;
  private static final int SIGNAL = 2;
  private static final int LOCK_REQUEST = 3;

  private static final int UNCHANGED = 0;
  private static final int DELETED = 1;
  private static final int REPLACED = 2;

  private EntityCodec() {}

  // ---- requests -----------------------------------------------------------------------------

  /** Appends a request. */
  public static void write(Encoder out, EntityRequest request) {
    switch (request) {
      case Operation(long since, String name, Payload input, TaskAddress caller) -> {
        out.tag(caller == null ? SIGNAL : OPERATION);
        out.number(since);
        out.text(name);
        out.payload(input);
        if (caller != null) {
          caller.write(out);
        }
      }
      case LockRequest(long since, TaskAddress owner, List<String> lockSet, int position) -> {
        out.tag(LOCK_REQUEST);
        out.number(since);
        owner.write(out);
        out.texts(lockSet);
        out.number(position);
      }
    }
  }

  /** Reads the next request. */
  public static EntityRequest readRequest(Decoder in) {
    int tag = in.tag();
    long since = in.number();
    return switch (tag) {
      case OPERATION -> new Operation(since, in.text(), in.payload(), TaskAddress.read(in));
      case SIGNAL -> new Operation(since, in.text(), in.payload(), null);
      case LOCK_REQUEST -> new LockRequest(since, TaskAddress.read(in), in.texts(), in.integer());
      default ->
          throw new IllegalStateException(
              "Damaged content: no request of an entity has tag " + tag);
    };
  }

  static Operation readOperation(Decoder in) {
    if (readRequest(in) instanceof Operation operation) {
      return operation;
    }
    throw new IllegalStateException("Damaged content: a lock request in place of an operation");
  }

  // ---- events -------------------------------------------------------------------------------

  /** Appends an event. */
  public static void write(Encoder out, EntityEvent event) {
    switch (event) {
      case RequestReceived e -> {
        begin(out, 1, e);
        out.bool(e.ahead());
        write(out, e.request());
      }
      case SignalScheduled e -> {
        begin(out, 2, e);
        out.number(e.number());
        out.instant(e.dueAt());
        write(out, e.operation());
      }
      case SignalDue e -> {
        begin(out, e.ahead() ? 13 : 3, e);
        out.number(e.number());
      }
      case BatchCompleted e -> {
        begin(out, 4, e);
        out.number(e.operations());
        out.bool(e.ahead());
        switch (e.change()) {
          case StateChange.Unchanged c -> out.tag(UNCHANGED);
          case StateChange.Deleted c -> out.tag(DELETED);
          case StateChange.Replaced c -> {
            out.tag(REPLACED);
            out.payload(c.state());
          }
        }
      }
      case LockAcquired e -> {
        begin(out, 5, e);
        e.owner().write(out);
      }
      case LockReleased e -> begin(out, 6, e);
      case LockWithdrawn e -> {
        begin(out, 7, e);
        e.owner().write(out);
      }
      case WithdrawnLockPassed e -> begin(out, 8, e);
      case EntitySetAside e -> {
        begin(out, 9, e);
        HistoryCodec.problem(out, e.problem());
      }
      case EntityRequeued e -> {
        begin(out, 10, e);
        out.optionalText(e.reason());
      }
      case BatchRedelivered e -> {
        begin(out, 11, e);
        out.number(e.count());
      }
      case EntityPurged e -> {
        begin(out, 12, e);
        out.number(e.kept().size());
        e.kept().forEach(request -> write(out, request));
      }
    }
  }

  private static void begin(Encoder out, int tag, EntityEvent event) {
    out.tag(tag);
    out.instant(event.timestamp());
  }

  /** Reads the next event. */
  public static EntityEvent readEvent(Decoder in) {
    int tag = in.tag();
    Instant at = in.instant();
    return switch (tag) {
      case 1 -> {
        boolean ahead = in.bool();
        yield new RequestReceived(at, readRequest(in), ahead);
      }
      case 2 -> {
        int number = in.integer();
        Instant dueAt = in.instant();
        yield new SignalScheduled(at, number, readOperation(in), dueAt);
      }
      case 3 -> new SignalDue(at, in.integer(), false);
      case 4 -> new BatchCompleted(at, in.integer(), in.bool(), change(in));
      case 5 -> new LockAcquired(at, TaskAddress.read(in));
      case 6 -> new LockReleased(at);
      case 7 -> new LockWithdrawn(at, TaskAddress.read(in));
      case 8 -> new WithdrawnLockPassed(at);
      case 9 -> new EntitySetAside(at, HistoryCodec.problem(in));
      case 10 -> new EntityRequeued(at, in.optionalText());
      case 11 -> new BatchRedelivered(at, in.integer());
      case 12 -> new EntityPurged(at, lockRequests(in));
      case 13 -> new SignalDue(at, in.integer(), true);
      default ->
          throw new IllegalStateException("Damaged content: no event of an entity has tag " + tag);
    };
  }

  private static StateChange change(Decoder in) {
    int tag = in.tag();
    return switch (tag) {
      case UNCHANGED -> new StateChange.Unchanged();
      case DELETED -> new StateChange.Deleted();
      case REPLACED -> {
        Payload state = in.payload();
        if (state == null) {
          throw new IllegalStateException("Damaged content: a new state without its content");
        }
        yield new StateChange.Replaced(state);
      }
      default ->
          throw new IllegalStateException("Damaged content: no change of a state has tag " + tag);
    };
  }

  private static List<LockRequest> lockRequests(Decoder in) {
    int count = in.integer();
    List<LockRequest> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (!(readRequest(in) instanceof LockRequest request)) {
        throw new IllegalStateException("Damaged content: an operation in place of a lock request");
      }
      requests.add(request);
    }
    return List.copyOf(requests);
  }
}
