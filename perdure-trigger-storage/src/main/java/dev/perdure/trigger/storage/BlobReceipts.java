package dev.perdure.trigger.storage;

import java.util.Map;
import java.util.Optional;

/**
 * Remembers in storage which versions of blobs functions have been told of, so that each is told of
 * once, by whichever host of the app sees it first. Safe from any thread.
 */
final class BlobReceipts {
  private static final String CONTAINER = "azure-webjobs-hosts";
  private static final String INCOMPLETE = "Incomplete";
  private static final int LEASE_SECONDS = 30;
  private static final int NAME_MAX = 1_024;

  private final BlobAccount account;
  private final String host;

  /** The receipts of an app. */
  BlobReceipts(BlobAccount account, String host) {
    this.account = account;
    this.host = host;
  }

  /** What is to happen once. */
  @FunctionalInterface
  interface Telling {
    void tell() throws StorageException, InterruptedException;
  }

  /**
   * Tells a function of a version of a blob, unless it has been told. If this process dies in
   * between, it is told again.
   *
   * @param function the id of the function
   * @param etag the version, without quotes
   * @return false if another host is just about to do it, and may fail
   */
  boolean once(String function, BlobPath blob, String etag, Telling telling)
      throws StorageException, InterruptedException {
    BlobPath receipt = path(host, function, blob, etag);
    Optional<BlobInfo> known = account.info(receipt);
    if (known.isPresent() && isComplete(known.get())) {
      return true;
    }
    if (known.isEmpty()) {
      boolean unused = account.createEmpty(receipt, Map.of(INCOMPLETE, "true"));
    }
    Optional<String> lease = account.lease(receipt, LEASE_SECONDS);
    if (lease.isEmpty()) {
      return false;
    }
    try {
      Optional<BlobInfo> leased = account.info(receipt);
      if (leased.isEmpty() || !isComplete(leased.get())) {
        telling.tell();
        return account.setMetadata(receipt, Map.of(), lease.get());
      }
      return true;
    } finally {
      account.release(receipt, lease.get());
    }
  }

  private static boolean isComplete(BlobInfo receipt) {
    return receipt.metadata().keySet().stream().noneMatch(INCOMPLETE::equalsIgnoreCase);
  }

  /** Where the receipt is. A name that would be too long is replaced by a hash of it. */
  static BlobPath path(String host, String function, BlobPath blob, String etag) {
    String directory =
        "blobreceipts/%s/%s/\"%s\"/%s/".formatted(host, function, etag, blob.container());
    boolean fits = directory.length() + blob.name().length() <= NAME_MAX;
    return new BlobPath(CONTAINER, directory + (fits ? blob.name() : HostId.hash(blob.name())));
  }
}
