package dev.perdure.functions.client;

import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A client context that gives the same client to all functions. The library's own makes a new one,
 * with a connection and a JSON mapper, each time it is asked. Safe from any thread.
 */
public final class SharedClientContext extends DurableClientContext {
  private static final Field CLIENT = field("client");
  private static final Field ADDRESS = field("rpcBaseUrl");
  private static final Map<String, DurableTaskClient> CLIENTS = new ConcurrentHashMap<>();

  /** A context whose fields are set afterwards, as those of the library's own are. */
  public SharedClientContext() {}

  @Override
  public DurableTaskClient getClient() {
    try {
      Object address = ADDRESS.get(this);
      if (address == null) {
        return super.getClient(); // which says what is wrong
      }
      DurableTaskClient client =
          CLIENTS.computeIfAbsent(address.toString(), unused -> super.getClient());
      CLIENT.set(this, client);
      return client;
    } catch (IllegalAccessException e) {
      return super.getClient();
    }
  }

  private static Field field(String name) {
    try {
      Field field = DurableClientContext.class.getDeclaredField(name);
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException e) {
      // Whoever wanted to use this class then uses the library's own.
      throw new IllegalStateException(e);
    }
  }
}
