package dev.perdure.engine.instance;

import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something that will wake an orchestration. Used by the thread of its partition only. */
public sealed interface OpenTask {
  /** The id of the task in the instance's history. */
  int taskId();

  /** When it was asked for, in milliseconds since 1970. */
  long since();

  /** An activity that has not answered yet. */
  final class Activity implements OpenTask {
    /** It comes from a state that does not say in which chunk of the history its call is. */
    public static final int UNKNOWN = -1;

    /** Its call is in no chunk of the history yet. */
    public static final int NOT_STORED = -2;

    private final int taskId;
    private final long since;
    private final String name;
    private final @Nullable Payload input;
    private final int firstTaskId;
    private final int attempt;
    private final @Nullable String version;
    private final Map<String, String> tags;
    private final @Nullable TraceContext traceContext;
    private int redeliveries;
    private int chunk;
    private boolean dispatched;

    /** An activity that was called. */
    public Activity(
        int taskId,
        long since,
        String name,
        @Nullable Payload input,
        int firstTaskId,
        int attempt,
        @Nullable String version,
        Map<String, String> tags,
        @Nullable TraceContext traceContext,
        int redeliveries,
        int chunk) {
      this.taskId = taskId;
      this.since = since;
      this.name = name;
      this.input = input;
      this.firstTaskId = firstTaskId;
      this.attempt = attempt;
      this.version = version;
      this.tags = tags;
      this.traceContext = traceContext;
      this.redeliveries = redeliveries;
      this.chunk = chunk;
    }

    @Override
    public int taskId() {
      return taskId;
    }

    @Override
    public long since() {
      return since;
    }

    /** The activity's name. */
    public String name() {
      return name;
    }

    /** What it was called with. */
    public @Nullable Payload input() {
      return input;
    }

    /** The task id of the first attempt of this call. */
    public int firstTaskId() {
      return firstTaskId;
    }

    /** Which attempt this is, counting from 1. */
    public int attempt() {
      return attempt;
    }

    /** The version of the activity that is wanted; may be empty; null if the call does not say. */
    public @Nullable String version() {
      return version;
    }

    /** What goes with the call. */
    public Map<String, String> tags() {
      return tags;
    }

    /** The trace that the call belongs to. */
    public @Nullable TraceContext traceContext() {
      return traceContext;
    }

    /** How often it was under way when a host died. */
    public int redeliveries() {
      return redeliveries;
    }

    /** The chunk of the history that holds its call, or one of the constants above. */
    public int chunk() {
      return chunk;
    }

    /** Says that a chunk that is about to be written holds its call, unless another one does. */
    public void storedIn(int next) {
      if (chunk == NOT_STORED) {
        chunk = next;
      }
    }

    /** Whether this host has handed it to its dispatcher. Not part of the state. */
    public boolean isDispatched() {
      return dispatched;
    }

    /** Says that this host has handed it to its dispatcher. */
    public void markDispatched() {
      dispatched = true;
    }

    /** Says that it has to be handed to a dispatcher again. */
    public void takeBack() {
      dispatched = false;
    }

    void redelivered(int count) {
      redeliveries = count;
    }
  }

  /** A timer that has not fired yet. */
  final class Timer implements OpenTask {
    private final int taskId;
    private final long since;
    private final long fireAt;
    private boolean stored;

    /** A timer that was set. */
    public Timer(int taskId, long since, long fireAt, boolean stored) {
      this.taskId = taskId;
      this.since = since;
      this.fireAt = fireAt;
      this.stored = stored;
    }

    @Override
    public int taskId() {
      return taskId;
    }

    @Override
    public long since() {
      return since;
    }

    /** When it fires, in milliseconds since 1970. */
    public long fireAt() {
      return fireAt;
    }

    /** Whether the store has a row for it. */
    public boolean stored() {
      return stored;
    }

    /** Says that the store has a row for it. */
    public void markStored() {
      stored = true;
    }
  }

  /**
   * A sub-orchestration that has not ended yet.
   *
   * @param instanceId its id
   * @param name its orchestrator
   */
  record SubOrchestration(int taskId, long since, String instanceId, String name)
      implements OpenTask {}

  /**
   * An operation of an entity that has not been answered yet.
   *
   * @param entityId the entity, as an instance id
   * @param operation the operation
   */
  record EntityCall(int taskId, long since, String entityId, String operation)
      implements OpenTask {}

  /**
   * Locks that have not been granted yet.
   *
   * @param lockSet the entities, as instance ids, in the order in which they are locked
   */
  record Lock(int taskId, long since, List<String> lockSet) implements OpenTask {}
}
