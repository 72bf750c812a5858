package dev.perdure.trigger.storage;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The blobs of a storage account. Blocks; safe from any thread. */
interface BlobAccount {
  /** What a container is known by in this process. */
  String address(String container);

  /** The address of a blob. */
  String uri(BlobPath path);

  /**
   * A blob that was read.
   *
   * @param info what is known of it
   * @param bytes its content
   */
  @SuppressWarnings("ArrayRecordComponent") // moved from place to place, never compared
  record Blob(BlobInfo info, byte[] bytes) {}

  /**
   * Part of a list of blobs.
   *
   * @param blobs the blobs by name, in order
   * @param serverTime when the list was made by the clock of the server, in milliseconds since 1970
   * @param next where the next part begins; null if there is none
   */
  record Page(List<Map.Entry<String, BlobInfo>> blobs, long serverTime, @Nullable String next) {}

  /**
   * Reads a blob.
   *
   * @param etag which version it has to have, without quotes; null for any
   * @return empty if it is not there, or not in this version
   */
  Optional<Blob> read(BlobPath path, @Nullable String etag)
      throws StorageException, InterruptedException;

  /** What is known of a blob; empty if it is not there. */
  Optional<BlobInfo> info(BlobPath path) throws StorageException, InterruptedException;

  /** Writes a blob in place of the one that is there, and makes the container if need be. */
  void write(BlobPath path, Content content) throws StorageException, InterruptedException;

  /**
   * Lists blobs.
   *
   * @param prefix what their names begin with
   * @param from where to go on; null for the beginning
   * @return empty if there is no such container
   */
  Optional<Page> list(String container, String prefix, @Nullable String from)
      throws StorageException, InterruptedException;

  /**
   * Makes an empty blob with metadata, and the container if need be, unless the blob is there.
   *
   * @return whether it was not there
   */
  boolean createEmpty(BlobPath path, Map<String, String> metadata)
      throws StorageException, InterruptedException;

  /**
   * Takes the lease of a blob, so that nobody else can.
   *
   * @param seconds how long, 15 to 60
   * @return what shows that it is ours; empty if somebody else has it or the blob is not there
   */
  Optional<String> lease(BlobPath path, int seconds) throws StorageException, InterruptedException;

  /** Gives a lease back; does nothing if it is not ours any longer. */
  void release(BlobPath path, String lease) throws StorageException, InterruptedException;

  /**
   * Replaces the metadata of a blob of which we have the lease.
   *
   * @return false if we have it no longer
   */
  boolean setMetadata(BlobPath path, Map<String, String> metadata, String lease)
      throws StorageException, InterruptedException;
}
