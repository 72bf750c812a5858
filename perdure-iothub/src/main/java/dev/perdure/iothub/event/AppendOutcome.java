package dev.perdure.iothub.event;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Who appended an event and wants to know how it went. */
public interface AppendOutcome {
  /**
   * Where it wants to be told. All outcomes of one commit that have the same executor come in one
   * task, in the order in which the events were appended.
   */
  Executor executor();

  /**
   * The event is durable, or could not be stored.
   *
   * @param failure why it is not stored; null if it is
   */
  void onAppended(@Nullable EventStoreException failure);
}
