package dev.perdure.trigger.storage;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.rest.PagedResponse;
import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.core.util.DateTimeRfc1123;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.models.BlobDownloadContentResponse;
import com.azure.storage.blob.models.BlobDownloadHeaders;
import com.azure.storage.blob.models.BlobHttpHeaders;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobItemProperties;
import com.azure.storage.blob.models.BlobProperties;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.BlobType;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.options.BlobParallelUploadOptions;
import com.azure.storage.blob.specialized.BlobLeaseClient;
import com.azure.storage.blob.specialized.BlobLeaseClientBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The blobs of an account. The only class that knows the library for blobs. */
final class AzureBlobs implements BlobAccount {
  /** The most that the service gives at once. */
  private static final int PAGE_SIZE = 5_000;

  private final Service service;
  private final int pageSize;
  private final Lazy<BlobServiceClient> client;

  AzureBlobs(StorageConnection connection) {
    this(connection, PAGE_SIZE);
  }

  /** An account whose lists come in parts of another size. */
  AzureBlobs(StorageConnection connection, int pageSize) {
    this.pageSize = pageSize;
    this.service = Service.blobs(connection);
    this.client = new Lazy<>(service::blobClient);
  }

  @Override
  public String address(String container) {
    return service.address() + "/" + container;
  }

  @Override
  public String uri(BlobPath path) {
    return blob(path).getBlobUrl().replace("%2F", "/");
  }

  private BlobContainerClient container(String name) {
    return client.get().getBlobContainerClient(name);
  }

  private BlobClient blob(BlobPath path) {
    return container(path.container()).getBlobClient(path.name());
  }

  // ---- reading --------------------------------------------------------------------------------

  @Override
  public Optional<Blob> read(BlobPath path, @Nullable String etag)
      throws StorageException, InterruptedException {
    BlobRequestConditions conditions = new BlobRequestConditions();
    if (etag != null) {
      conditions.setIfMatch("\"" + etag + "\"");
    }
    String what = "read the blob '%s'".formatted(path);
    try {
      BlobDownloadContentResponse response =
          service.call(
              what,
              () -> blob(path).downloadContentWithResponse(null, conditions, null, Context.NONE));
      BlobDownloadHeaders headers = response.getDeserializedHeaders();
      return Optional.of(
          new Blob(
              new BlobInfo(
                  headers.getETag(),
                  headers.getLastModified().toInstant(),
                  typeName(headers.getBlobType()),
                  headers.getContentLength(),
                  headers.getContentType(),
                  orNone(headers.getMetadata())),
              response.getValue().toBytes()));
    } catch (HttpResponseException e) {
      if (isMissing(e) || Service.status(e) == 412) {
        return Optional.empty();
      }
      throw service.refused(what, e);
    }
  }

  @Override
  public Optional<BlobInfo> info(BlobPath path) throws StorageException, InterruptedException {
    String what = "look at the blob '%s'".formatted(path);
    try {
      BlobProperties properties = service.call(what, () -> blob(path).getProperties());
      return Optional.of(
          new BlobInfo(
              properties.getETag(),
              properties.getLastModified().toInstant(),
              typeName(properties.getBlobType()),
              properties.getBlobSize(),
              properties.getContentType(),
              orNone(properties.getMetadata())));
    } catch (HttpResponseException e) {
      if (isMissing(e)) {
        return Optional.empty();
      }
      throw service.refused(what, e);
    }
  }

  @Override
  public Optional<Page> list(String container, String prefix, @Nullable String from)
      throws StorageException, InterruptedException {
    String what = "list the blobs of the container '%s'".formatted(container);
    ListBlobsOptions options = new ListBlobsOptions().setMaxResultsPerPage(pageSize);
    if (!prefix.isEmpty()) {
      options.setPrefix(prefix);
    }
    try {
      return Optional.of(
          service.call(
              what,
              () -> {
                Iterator<PagedResponse<BlobItem>> pages =
                    container(container).listBlobs(options, from, null).iterableByPage().iterator();
                return page(pages.next());
              }));
    } catch (HttpResponseException e) {
      if (isMissing(e)) {
        return Optional.empty();
      }
      throw service.refused(what, e);
    }
  }

  private static Page page(PagedResponse<BlobItem> response) {
    List<Map.Entry<String, BlobInfo>> blobs = new ArrayList<>();
    for (BlobItem item : response.getValue()) {
      BlobItemProperties properties = item.getProperties();
      blobs.add(
          Map.entry(
              item.getName(),
              new BlobInfo(
                  properties.getETag(),
                  properties.getLastModified().toInstant(),
                  typeName(properties.getBlobType()),
                  properties.getContentLength() == null ? 0 : properties.getContentLength(),
                  properties.getContentType(),
                  orNone(item.getMetadata()))));
    }
    String date = response.getHeaders().getValue(HttpHeaderName.DATE);
    long serverTime =
        date == null
            ? Instant.now().toEpochMilli()
            : new DateTimeRfc1123(date).getDateTime().toInstant().toEpochMilli();
    String next = response.getContinuationToken();
    return new Page(blobs, serverTime, next == null || next.isEmpty() ? null : next);
  }

  private static String typeName(@Nullable BlobType type) {
    return type == null ? BlobType.BLOCK_BLOB.toString() : type.toString();
  }

  private static Map<String, String> orNone(@Nullable Map<String, String> metadata) {
    return metadata == null ? Map.of() : metadata;
  }

  private static boolean isMissing(HttpResponseException e) {
    return Service.status(e) == 404 || Service.code(e).equals("ContainerBeingDeleted");
  }

  // ---- writing --------------------------------------------------------------------------------

  @Override
  public void write(BlobPath path, Content content) throws StorageException, InterruptedException {
    String type =
        switch (content.kind()) {
          case TEXT -> "text/plain; charset=utf-8";
          case JSON -> "application/json";
          case BINARY -> "application/octet-stream";
        };
    String what = "write the blob '%s'".formatted(path);
    try {
      upload(
          what,
          path,
          () ->
              new BlobParallelUploadOptions(BinaryData.fromBytes(content.bytes()))
                  .setHeaders(new BlobHttpHeaders().setContentType(type)));
    } catch (HttpResponseException e) {
      throw service.refused(what, e);
    }
  }

  @Override
  public boolean createEmpty(BlobPath path, Map<String, String> metadata)
      throws StorageException, InterruptedException {
    String what = "create the blob '%s'".formatted(path);
    try {
      upload(
          what,
          path,
          () ->
              new BlobParallelUploadOptions(BinaryData.fromBytes(new byte[0]))
                  .setMetadata(metadata)
                  .setRequestConditions(new BlobRequestConditions().setIfNoneMatch("*")));
      return true;
    } catch (HttpResponseException e) {
      if (Service.code(e).equals("BlobAlreadyExists") || Service.status(e) == 412) {
        return false;
      }
      throw service.refused(what, e);
    }
  }

  private void upload(String what, BlobPath path, Supplier<BlobParallelUploadOptions> options)
      throws StorageException, InterruptedException {
    try {
      uploadOnce(what, path, options.get());
    } catch (HttpResponseException e) {
      if (!Service.code(e).equals("ContainerNotFound")) {
        throw e;
      }
      service.call(
          "create the container '%s'".formatted(path.container()),
          () -> container(path.container()).createIfNotExists());
      uploadOnce(what, path, options.get());
    }
  }

  private void uploadOnce(String what, BlobPath path, BlobParallelUploadOptions options)
      throws StorageException, InterruptedException {
    service.call(what, () -> blob(path).uploadWithResponse(options, null, Context.NONE));
  }

  // ---- leases ---------------------------------------------------------------------------------

  private BlobLeaseClient leaseClient(BlobPath path, @Nullable String lease) {
    BlobLeaseClientBuilder builder = new BlobLeaseClientBuilder().blobClient(blob(path));
    return (lease == null ? builder : builder.leaseId(lease)).buildClient();
  }

  @Override
  public Optional<String> lease(BlobPath path, int seconds)
      throws StorageException, InterruptedException {
    try {
      return Optional.of(
          service.call(
              "take the lease of the blob '%s'".formatted(path),
              () -> leaseClient(path, null).acquireLease(seconds)));
    } catch (HttpResponseException e) {
      return Optional.empty();
    }
  }

  @Override
  public void release(BlobPath path, String lease) throws StorageException, InterruptedException {
    try {
      service.call(
          "give back the lease of the blob '%s'".formatted(path),
          () -> {
            leaseClient(path, lease).releaseLease();
            return true;
          });
    } catch (HttpResponseException e) {
      // It is not ours any longer.
    }
  }

  @Override
  public boolean setMetadata(BlobPath path, Map<String, String> metadata, String lease)
      throws StorageException, InterruptedException {
    try {
      service.call(
          "mark the blob '%s'".formatted(path),
          () ->
              blob(path)
                  .setMetadataWithResponse(
                      metadata, new BlobRequestConditions().setLeaseId(lease), null, Context.NONE));
      return true;
    } catch (HttpResponseException e) {
      return false;
    }
  }
}
