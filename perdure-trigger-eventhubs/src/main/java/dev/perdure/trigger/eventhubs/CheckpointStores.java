package dev.perdure.trigger.eventhubs;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.jdk.httpclient.JdkHttpClientProvider;
import com.azure.messaging.eventhubs.CheckpointStore;
import com.azure.messaging.eventhubs.checkpointstore.blob.BlobCheckpointStore;
import com.azure.storage.blob.BlobContainerAsyncClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.BlobServiceVersion;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.Interruption;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import reactor.core.Exceptions;

/** Where it is kept how far the partitions of event hubs are done. */
interface CheckpointStores {
  /** The container that the host of Azure Functions uses for it. */
  String CONTAINER = "azure-webjobs-eventhub";

  /** How long the service for blobs may take for an answer, all of which are small. */
  Duration ANSWER = Duration.ofSeconds(10);

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
    return inBlobs(settings, ANSWER);
  }

  /** The same for tests. */
  static CheckpointStores inBlobs(Settings settings, Duration answer) {
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
                .retryOptions(
                    new RequestRetryOptions(
                        RetryPolicyType.EXPONENTIAL,
                        5,
                        answer,
                        Duration.ofMillis(200),
                        Duration.ofSeconds(2),
                        null))
                .buildAsyncClient()
                .getBlobContainerAsyncClient(CONTAINER);
        Boolean unused = container.createIfNotExists().block();
        return new BlobCheckpointStore(container);
      } catch (RuntimeException e) {
        if (Interruption.isCauseOf(e)) {
          throw new InterruptedException();
        }
        throw new IOException(sentence(e), e);
      }
    };
  }

  /** Why blobs cannot be used, without secrets. */
  static String sentence(Throwable failure) {
    Throwable cause = Exceptions.unwrap(failure);
    return "The checkpoints of event hubs are kept in the storage account of AzureWebJobsStorage, which cannot be used: %s."
        .formatted(
            cause instanceof HttpResponseException refusal && refusal.getResponse() != null
                ? "it answers " + refusal.getResponse().getStatusCode()
                : cause.getClass().getSimpleName());
  }
}
