package dev.perdure.engine.activity;

import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of an activity to be run.
 *
 * @param partition the partition of the calling instance
 * @param instanceId the calling instance
 * @param executionId its execution, as the engine knows it
 * @param taskId the attempt's task
 * @param firstTaskId the task of the call's first attempt
 * @param attempt which attempt this is, counting from 1
 * @param name the activity
 * @param input what it is called with
 * @param redelivered whether it may have been under way when a host died
 * @param call what else belongs to the call
 * @param caller the calling instance, for its partition; means nothing to others
 */
public record ActivityWork(
    int partition,
    String instanceId,
    String executionId,
    int taskId,
    int firstTaskId,
    int attempt,
    String name,
    @Nullable Payload input,
    boolean redelivered,
    Call call,
    Caller caller) {

  /** An instance as its partition knows it. */
  public interface Caller {}

  /**
   * What matters for activities that remote workers run.
   *
   * @param version the version of the activity that is wanted; empty for one without a version;
   *     null if the call does not say
   * @param tags names and values that go with the call
   * @param traceContext the trace that the call belongs to; null if there is none
   * @param executionId the execution as workers are told it
   * @param callerVersion the version of the calling orchestration
   * @param remote whether it is run by a remote worker
   */
  public record Call(
      @Nullable String version,
      Map<String, String> tags,
      @Nullable TraceContext traceContext,
      String executionId,
      String callerVersion,
      boolean remote) {}

  /**
   * What makes work the same as other work, and what the engine takes its result by. A rewind
   * removes calls, and remote workers give their task ids to others; then name and input tell them
   * apart.
   */
  public record Key(String executionId, int taskId, String name, @Nullable Payload input) {
    @Override
    public int hashCode() {
      return executionId.hashCode() * 31 + taskId; // inputs may be large
    }
  }

  /** What makes this work the same as other work. */
  public Key key() {
    return new Key(executionId, taskId, name, input);
  }

  /**
   * The version that workers are chosen by: that of the call if it states one, else the caller's.
   */
  public String version() {
    return Objects.requireNonNullElse(call.version(), call.callerVersion());
  }

  /** Whether it is run by a remote worker. */
  public boolean isRemote() {
    return call.remote();
  }
}
