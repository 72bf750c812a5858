package dev.perdure.functions.host;

import dev.perdure.engine.Engine;
import dev.perdure.grpc.Hub;
import dev.perdure.grpc.Hubs;
import io.grpc.Status;
import java.util.Locale;

/** The one hub of an app. Clients that name none get it too. */
final class AppHub implements Hubs {
  private final Hub hub;

  AppHub(String name, Engine engine) {
    this.hub = new Hub(name.toLowerCase(Locale.ROOT), engine);
  }

  @Override
  public Hub hub(String name) {
    if (name.equals(hub.name()) || name.equals("default")) {
      return hub;
    }
    throw Status.NOT_FOUND
        .withDescription(
            "There is no task hub '%s'. This app has one, '%s'; it is named in host.json (extensions.durableTask.hubName)."
                .formatted(name, hub.name()))
        .asRuntimeException();
  }

  @Override
  public Hub hubAtOnce(String name) {
    return hub(name);
  }

  @Override
  public void create(String name, boolean recreate) {
    Hub existing = hub(name);
    if (recreate) {
      throw ofTheApp(existing);
    }
  }

  @Override
  public void delete(String name) {
    throw ofTheApp(hub(name));
  }

  private static RuntimeException ofTheApp(Hub hub) {
    return Status.FAILED_PRECONDITION
        .withDescription(
            "The task hub '%s' belongs to the app that runs here, and cannot be removed through this server."
                .formatted(hub.name()))
        .asRuntimeException();
  }
}
