package dev.perdure.functions.durable;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes clients that nobody else does: some versions of the library make one, with a connection of
 * its own, for every run of a function and keep none. One that is used by a thread that outlives
 * its function has some time.
 */
final class ForgottenClients {
  private static final long DELAY_SECONDS = 60;
  private static final String CLIENT = "com.microsoft.durabletask.DurableTaskClient";

  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("perdure-clients").factory());

  private ForgottenClients() {}

  /** Closes the client of a context of the library after a while, if that is for us to do. */
  static void closeLater(Object context) {
    AutoCloseable client = client(context);
    if (client != null) {
      var unused = TIMER.schedule(() -> close(client), DELAY_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static void close(AutoCloseable client) {
    try {
      client.close();
    } catch (Exception e) {
      // It may be closed already, and nobody waits for it.
    }
  }

  private static @Nullable AutoCloseable client(Object context) {
    Field found = null;
    for (Field field : context.getClass().getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers())) {
        return null; // this version shares its clients
      }
      if (field.getType().getName().equals(CLIENT)) {
        found = field;
      }
    }
    if (found == null) {
      return null;
    }
    try {
      found.setAccessible(true);
      return found.get(context) instanceof AutoCloseable client ? client : null;
    } catch (IllegalAccessException | RuntimeException e) {
      return null;
    }
  }
}
