package dev.perdure.http.durable;

import dev.perdure.api.HubBusyException;
import dev.perdure.api.HubClosedException;
import dev.perdure.http.Access;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import dev.perdure.http.Router;
import dev.perdure.store.StoreException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Copies a hub while it is in use: {@code POST /hubs/{hub}/backup}. The answer is the directory of
 * the copy, on the machine of the server. Whoever may call chooses nothing of where that is: it is
 * below {@code .backups} beside the hubs, which cannot be the name of a hub.
 */
public final class Backups {
  private static final System.Logger LOG = System.getLogger("dev.perdure.http");
  private static final String DIRECTORY = ".backups";
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final TaskHubs hubs;
  private final Path directory;
  private final Access access;

  /**
   * Back-ups of hubs.
   *
   * @param store the directory that the copies go below
   * @param access who may have copies made
   */
  public Backups(TaskHubs hubs, Path store, Access access) {
    this.hubs = hubs;
    this.directory = store.resolve(DIRECTORY);
    this.access = access;
  }

  /** Adds the route. */
  public Router.Builder addTo(Router.Builder router) {
    return router.route(
        Set.of("POST"),
        "/hubs/{hub}/backup",
        access.guarding(request -> CompletableFuture.completedFuture(answer(request))));
  }

  private Response answer(Request request) {
    String name = Objects.requireNonNullElse(request.values().get("hub"), "");
    try {
      Optional<TaskHub> hub = hubs.find(name);
      return hub.map(this::copy)
          .orElseGet(() -> Response.text(404, "There is no task hub '%s' here.\n".formatted(name)));
    } catch (IllegalArgumentException e) {
      return Response.text(400, e.getMessage() + "\n");
    } catch (HubClosedException | HubBusyException e) {
      return Response.text(503, e.getMessage() + "\n").withHeader("Retry-After", "1");
    } catch (StoreException e) {
      return Response.text(500, e.getMessage() + "\n");
    }
  }

  private Response copy(TaskHub hub) {
    Path copy =
        directory
            .resolve(
                hub.name().toLowerCase(Locale.ROOT)
                    + "-"
                    + NAME.format(Clock.systemUTC().instant()))
            .toAbsolutePath();
    hub.engine().backup(copy);
    LOG.log(System.Logger.Level.INFO, "Task hub ''{0}'' was copied to {1}", hub.name(), copy);
    return Response.text(200, copy + "\n");
  }
}
