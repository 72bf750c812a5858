package dev.perdure.trigger.storage;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.ExtensionOptions;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.TriggerType;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Runs functions for blobs of Azure Storage, each version of a blob at least once. Containers are
 * listed every 10 seconds; what outputs of the same host write is seen at once. Options are in
 * host.json below {@code extensions.blobs}.
 */
public final class BlobTriggerType implements TriggerType {
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final Duration pause;
  private final Map<String, BlobDispatch> dispatches = new ConcurrentHashMap<>();

  /** Functions of blobs. */
  public BlobTriggerType() {
    this(PAUSE);
  }

  /** Functions of blobs, for tests that do not wait as long between looks. */
  BlobTriggerType(Duration pause) {
    this.pause = pause;
  }

  @Override
  public String type() {
    return "blobTrigger";
  }

  @Override
  public Trigger create(
      FunctionDefinition function, FunctionRunner runner, TriggerEnvironment environment) {
    Binding binding = function.trigger();
    Settings settings = environment.settings();
    refuseEvents(binding);
    BlobPattern pattern = pattern(binding, settings);
    StorageConnection connection = StorageConnection.of(binding, settings);
    StorageConnection ofHost =
        StorageConnection.exists(StorageConnection.DEFAULT, settings)
            ? StorageConnection.named(StorageConnection.DEFAULT, settings)
            : connection;
    Dequeuing options =
        Dequeuing.ofBlobs(
            ExtensionOptions.of(environment.host(), "blobs"),
            ExtensionOptions.of(environment.host(), "queues"),
            settings,
            Runtime.getRuntime().availableProcessors());
    String host = HostId.of(settings);
    BlobDispatch dispatch =
        dispatches.computeIfAbsent(
            ofHost.queueService(), address -> new BlobDispatch(ofHost, host, options, CLOSING));
    return new BlobFunction(
        function.name(),
        new BlobFunction.Source(
            new AzureBlobs(connection),
            pattern,
            binding.text("dataType", "").equalsIgnoreCase("binary"),
            new AzureQueue(connection, BlobDispatch.POISON)),
        new BlobReceipts(new AzureBlobs(ofHost), host),
        dispatch,
        runner,
        pause);
  }

  private static void refuseEvents(Binding binding) {
    if (binding.text("source", "").equalsIgnoreCase("EventGrid")) {
      throw new InvalidTriggerException(
          "The trigger '%s' has the source EventGrid, whose events do not reach this host. Leave the source out here; the container is then looked at every 10 seconds."
              .formatted(binding.name()));
    }
  }

  private static BlobPattern pattern(Binding binding, Settings settings) {
    String path = binding.text("path");
    if (path == null) {
      throw new InvalidTriggerException(
          "The trigger '%s' names no blobs; set path to container/name, such as in/{name}."
              .formatted(binding.name()));
    }
    try {
      return BlobPattern.parse(settings.resolve(path));
    } catch (MissingSettingException | IllegalArgumentException e) {
      throw new InvalidTriggerException(String.valueOf(e.getMessage()), e);
    }
  }
}
