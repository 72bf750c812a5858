package dev.perdure.engine.orchestrator;

import dev.perdure.api.HistoryEvent;
import dev.perdure.engine.UserCode;
import dev.perdure.engine.instance.Tries;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The code of one orchestration while it is under way, wherever that is: events go in, and at the
 * end of each step what the code asked for comes out. The partition calls it on its own thread.
 */
public interface OrchestratorRun extends UserCode {
  /** Is told what came of a step, on any thread. Must be quick and must not throw. */
  @FunctionalInterface
  interface Listener {
    /** Called once for every call of {@link #start} and {@link #step}, unless the run is closed. */
    void stepEnded(OrchestratorRun run, StepResult result);

    /**
     * The run was closed while its code waited, which is taken out of memory now. Called on the
     * code's own thread.
     *
     * @param delivered how many events the code had been handed
     * @param location finds the line of code that waited, during this call only; null if there is
     *     none. Takes some microseconds
     */
    default void left(int delivered, Supplier<@Nullable String> location) {}
  }

  /**
   * Begins. The first event of a new execution is its {@link HistoryEvent.ExecutionStarted}; with a
   * cold history there are no events, they are all in the history.
   */
  void start(List<HistoryEvent> firstEvents);

  /** Hands over events. Only when no step is under way. */
  void step(List<HistoryEvent> newEvents);

  /**
   * Adds events to a step that is under way, if its code has not begun with it.
   *
   * @return whether they are now part of the step; if not, they have to be handed over with the
   *     next
   */
  default boolean extend(List<HistoryEvent> moreEvents) {
    return false;
  }

  /**
   * Whether the step under way may be handed out again, should whoever has it go away. While it may
   * not, it waits; it is not lost.
   */
  default void hold(boolean held) {}

  /** Bytes that are kept for the next step, beyond what any run takes. */
  default long keptBytes() {
    return 0;
  }

  /** Ends the run. No step result counts after this. */
  void close();

  /**
   * Which attempt of a call a task is, or puts off; null if it is tried but once, or that is not
   * known. Only when no step is under way.
   */
  default @Nullable Tries tries(int taskId) {
    return null;
  }

  /** The line of code that waits, or that runs at this moment; null if that is not known. */
  default @Nullable String location() {
    return CodeLocation.of(stack());
  }

  /** What keeps a step that is under way, for people; empty for nothing worth telling. */
  default String progress() {
    return "";
  }
}
