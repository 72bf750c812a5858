package dev.perdure.engine.orchestrator;

import dev.perdure.api.Payload;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** A task whose result is a payload, which is parsed when somebody asks for it, and once. */
class PayloadTask<V extends @Nullable Object> extends TaskImpl<V> {
  private final Type type;
  private final String whose;
  private final String name;
  private @Nullable Payload payload;

  /**
   * A task that is open.
   *
   * @param whose what has the payload, for errors: <i>result of activity</i> say
   * @param name the name of that
   */
  PayloadTask(OrchestratorSession session, Type type, String whose, String name) {
    super(session);
    this.type = type;
    this.whose = whose;
    this.name = name;
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // nothing is known of V but its reflected type
  final void completeWith(@Nullable Payload result) {
    payload = result;
    complete((V) null);
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"})
  V result() {
    if (payload != null) {
      V parsed = (V) session.read(payload, type, whose, name);
      payload = null;
      replaceResult(parsed);
    }
    return super.result();
  }
}
