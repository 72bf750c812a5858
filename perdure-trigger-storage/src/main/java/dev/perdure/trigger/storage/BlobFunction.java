package dev.perdure.trigger.storage;

import com.google.gson.JsonObject;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.Value;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A function that runs for new blobs and new versions of blobs. */
final class BlobFunction implements Trigger {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.storage");

  private final String name;
  private final Source source;
  private final BlobReceipts receipts;
  private final BlobDispatch dispatch;
  private final FunctionRunner runner;
  private final BlobWatch watch;

  /**
   * Where blobs come from.
   *
   * @param account the account
   * @param pattern which of its blobs
   * @param binary whether the function wants bytes
   * @param poison where blobs go with which it fails again and again
   */
  record Source(BlobAccount account, BlobPattern pattern, boolean binary, MessageQueue poison) {}

  /**
   * A function that does not run yet.
   *
   * @param pause how long to wait between looks at the container
   */
  BlobFunction(
      String name,
      Source source,
      BlobReceipts receipts,
      BlobDispatch dispatch,
      FunctionRunner runner,
      Duration pause) {
    this.name = name;
    this.source = source;
    this.receipts = receipts;
    this.dispatch = dispatch;
    this.runner = runner;
    this.watch = new BlobWatch(name, source.account(), source.pattern(), pause, this::found);
  }

  String name() {
    return name;
  }

  /** What it is called in storage. */
  String id() {
    return "Host.Functions." + name;
  }

  MessageQueue poison() {
    return source.poison();
  }

  @Override
  public void start() {
    dispatch.start(this);
    watch.start();
  }

  private boolean found(String blob, BlobInfo info) throws StorageException, InterruptedException {
    BlobPath path = new BlobPath(source.pattern().container(), blob);
    return receipts.once(
        id(),
        path,
        info.etag(),
        () -> dispatch.enqueue(new BlobMessage(id(), info.type(), path, info.etag())));
  }

  /** Runs the function for a blob, unless it has changed since it was found. */
  Fate.Result run(BlobMessage message, long dequeueCount) throws InterruptedException {
    try {
      Optional<BlobAccount.Blob> blob = source.account().read(message.path(), message.etag());
      Optional<Map<String, String>> captures = source.pattern().match(message.path().name());
      if (blob.isEmpty() || captures.isEmpty()) {
        LOG.log(
            Level.DEBUG,
            "Function '%s' is not run for a blob that is gone or has changed.".formatted(name));
        return Fate.Result.SUCCEEDED;
      }
      Outcome outcome =
          runner.run(
              invocation(
                  message.path(),
                  blob.get(),
                  captures.get(),
                  "New blob detected(%s).".formatted(message.path())));
      if (outcome.succeeded()) {
        return Fate.Result.SUCCEEDED;
      }
      LOG.log(
          Level.ERROR,
          "Function '%s' has failed with the blob '%s', attempt %d of %d."
              .formatted(name, message.path(), dequeueCount, dispatch.attemptsMax()),
          outcome.failure());
    } catch (StorageException e) {
      LOG.log(
          Level.ERROR,
          "Function '%s' could not be run for the blob '%s'%s. %s"
              .formatted(
                  name,
                  message.path(),
                  e.isLasting()
                      ? ", attempt %d of %d".formatted(dequeueCount, dispatch.attemptsMax())
                      : ", and is tried again",
                  e.getMessage()));
      return e.isLasting() ? Fate.Result.FAILED : Fate.Result.OUT_OF_REACH;
    }
    return Fate.Result.FAILED;
  }

  @Override
  public Invocation byHand(String input) {
    BlobPath path = BlobPath.parse(input.strip());
    Optional<Map<String, String>> captures =
        path.container().equals(source.pattern().container())
            ? source.pattern().match(path.name())
            : Optional.empty();
    if (captures.isEmpty()) {
      throw new IllegalArgumentException(
          "The blob '%s' does not match the path of the trigger. The input is the path of a blob that does."
              .formatted(path));
    }
    try {
      BlobAccount.Blob blob =
          source
              .account()
              .read(path, null)
              .orElseThrow(
                  () -> new IllegalArgumentException("There is no blob '%s'.".formatted(path)));
      return invocation(
          path,
          blob,
          captures.get(),
          "This function was programmatically called via the host APIs.");
    } catch (StorageException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalArgumentException("The host closes.", e);
    }
  }

  private Invocation invocation(
      BlobPath path, BlobAccount.Blob blob, Map<String, String> captures, String reason) {
    Map<String, Value> metadata = new LinkedHashMap<>();
    metadata.put("BlobTrigger", new Value.Text(path.toString()));
    metadata.put("Uri", new Value.Json(Json.quoted(source.account().uri(path))));
    metadata.put("Properties", new Value.Json(properties(blob.info()).toString()));
    JsonObject ofOwner = new JsonObject();
    blob.info().metadata().forEach(ofOwner::addProperty);
    metadata.put("Metadata", new Value.Json(ofOwner.toString()));
    captures.forEach((key, text) -> metadata.put(key, new Value.Text(text)));
    return new Invocation(Content.value(blob.bytes(), source.binary()), metadata, reason, null);
  }

  private static JsonObject properties(BlobInfo blob) {
    JsonObject json = new JsonObject();
    json.addProperty("LastModified", Json.time(blob.lastModified()));
    json.addProperty("ETag", "\"" + blob.etag() + "\"");
    json.addProperty("ContentLength", blob.bytes());
    json.addProperty("ContentType", blob.contentType());
    json.addProperty("BlobType", blob.type());
    return json;
  }

  @Override
  public void close() {
    watch.close();
    dispatch.close();
  }
}
