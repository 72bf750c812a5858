package dev.perdure.trigger.eventhubs;

import com.azure.core.http.jdk.httpclient.JdkHttpClientProvider;
import com.azure.messaging.eventhubs.CheckpointStore;
import com.azure.messaging.eventhubs.checkpointstore.blob.BlobCheckpointStore;
import com.azure.storage.blob.BlobContainerAsyncClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.BlobServiceVersion;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.Interruption;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.io.IOException;
import java.util.function.Supplier;

/** Where it is kept how far the partitions of event hubs are done. */
interface CheckpointStores {
  /** The container that the host of Azure Functions uses for it. */
  String CONTAINER = "azure-webjobs-eventhub";

  /**
   * Opens the store.
   *
   * @throws Exception if it cannot be reached
   */
  CheckpointStore open() throws Exception;

  /** Those in the task hub. */
  static CheckpointStores inTaskHub(Supplier<TaskHubCheckpoints> checkpoints) {
    return checkpoints::get;
  }

  /**
   * Those in Blob storage, where the host of Azure Functions keeps them: an app that moves goes on
   * where it was, and hosts that share no task hub share the partitions.
   *
   * @throws InvalidTriggerException if the app has no storage account
   */
  static CheckpointStores inBlobs(Settings settings) {
    String connection = settings.connection("Storage");
    if (connection == null) {
      throw new InvalidTriggerException(
          "host.json wants checkpoints of event hubs in Blob storage (extensions.eventHubs.checkpointStore), and there is no setting AzureWebJobsStorage with the connection string of an account.");
    }
    return () -> {
      try {
        BlobContainerAsyncClient container =
            new BlobServiceClientBuilder()
                .connectionString(connection)
                // Old enough for every emulator.
                .serviceVersion(BlobServiceVersion.V2021_12_02)
                .httpClient(new JdkHttpClientProvider().createInstance())
                .buildAsyncClient()
                .getBlobContainerAsyncClient(CONTAINER);
        Boolean unused = container.createIfNotExists().block();
        return new BlobCheckpointStore(container);
      } catch (RuntimeException e) {
        if (Interruption.isCauseOf(e)) {
          throw new InterruptedException();
        }
        throw new IOException(
            "The checkpoints of event hubs are kept in the storage account of AzureWebJobsStorage, which cannot be used: "
                + e.getClass().getSimpleName(),
            e);
      }
    };
  }
}
