package dev.perdure.trigger.storage;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a blob beside its content. Immutable.
 *
 * @param etag its version, without quotes
 * @param lastModified when it was written last, to the second
 * @param type such as {@code BlockBlob}
 * @param bytes its length
 * @param contentType of what kind it says it is; null if it does not
 * @param metadata what its owner says of it
 */
record BlobInfo(
    String etag,
    Instant lastModified,
    String type,
    long bytes,
    @Nullable String contentType,
    Map<String, String> metadata) {
  /** Copies the metadata. */
  BlobInfo {
    etag = etag.replace("\"", "");
    metadata = Map.copyOf(metadata);
  }
}
