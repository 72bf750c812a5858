package dev.perdure.cli.operations;

import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineOptions;
import dev.perdure.http.Access;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import dev.perdure.http.durable.DurableHttpApi;
import dev.perdure.http.durable.DurableHttpOptions;
import dev.perdure.http.durable.KnownFunctions;
import dev.perdure.http.durable.TaskHub;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A hub that nobody has open. What is asked takes effect and is durable; nothing is run, all work
 * is for the next program that opens the hub.
 */
final class ClosedHost implements Host {
  /** As large as any host may allow: whoever opens the hub next has its own limit. */
  private static final int PAYLOAD_BYTES_MAX = 512 << 20;

  private static final int INSTANCE_ID_CHARS_MAX = 1000;

  private static final EngineOptions OPTIONS =
      EngineOptions.DEFAULTS.withLimits(
          EngineOptions.Limits.DEFAULTS
              .withPayloadBytesMax(PAYLOAD_BYTES_MAX)
              .withInstanceIdCharsMax(INSTANCE_ID_CHARS_MAX));

  private final Path directory;
  private final Store store;
  private final Engine engine;
  private final DurableHttpApi api;

  private ClosedHost(Path directory, Store store, Engine engine) {
    this.directory = directory;
    this.store = store;
    this.engine = engine;
    TaskHub hub = new TaskHub("default", engine, KnownFunctions.ANY);
    this.api =
        new DurableHttpApi(name -> Optional.of(hub), DurableHttpOptions.of(Access.local(), null));
  }

  static ClosedHost open(Path directory, @Nullable String hub) throws IOException {
    Path found = StoreDirectory.hub(directory, hub);
    Store store = StoreDirectory.open(found);
    try {
      return new ClosedHost(
          found, store, Engine.atRest(store, new JacksonDataConverter(), OPTIONS));
    } catch (RuntimeException | Error e) {
      store.close();
      throw e;
    }
  }

  @Override
  public Response send(Request request) throws IOException, InterruptedException {
    try {
      return api.handle(request).toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new IOException(
          "The hub in %s gave no answer: %s".formatted(directory, e.getCause()), e);
    }
  }

  @Override
  public void close() {
    try {
      engine.close();
    } finally {
      store.close();
    }
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
