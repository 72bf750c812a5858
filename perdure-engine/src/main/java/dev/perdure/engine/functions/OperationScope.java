package dev.perdure.engine.functions;

import dev.perdure.api.EntityContext;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * What the code behind an entity needs beyond what users see: the state as an object that lives
 * from one operation of a batch to the next, so that it is not read anew for each.
 */
public interface OperationScope extends EntityContext {
  /** The input; null if there is none. */
  @Nullable Object input(Type type);

  /**
   * The state as an object of the type; null if there is no state. The same object as the last one
   * given to {@link #keepState} in this batch, if no other state has taken its place.
   */
  @Nullable Object liveState(Type type);

  /**
   * Says which object stands for the state that is missing. Keeping a state that is written like it
   * leaves the entity without state: looking at an entity does not bring it into being.
   */
  void beginState(Object initial);

  /** Writes the state, and keeps the object for the next operation of this batch. */
  void keepState(Object state);

  /** Whether this operation has set or deleted the state by itself. */
  boolean hasTouchedState();
}
