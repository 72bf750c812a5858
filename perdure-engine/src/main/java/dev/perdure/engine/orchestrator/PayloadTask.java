package dev.perdure.engine.orchestrator;

import dev.perdure.api.Payload;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** A task whose result is a payload, which is parsed when somebody asks for it, and once. */
class PayloadTask<V extends @Nullable Object> extends TaskImpl<V> {
  private final Type type;
  private @Nullable Payload payload;

  PayloadTask(OrchestratorSession session, Type type) {
    super(session);
    this.type = type;
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
      V parsed = (V) session.read(payload, type);
      payload = null;
      replaceResult(parsed);
    }
    return super.result();
  }
}
