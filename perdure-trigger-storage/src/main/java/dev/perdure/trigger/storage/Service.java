package dev.perdure.trigger.storage;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpPipelineCallContext;
import com.azure.core.http.HttpPipelineNextPolicy;
import com.azure.core.http.HttpResponse;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.util.Configuration;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.BlobServiceVersion;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import com.azure.storage.queue.QueueServiceClient;
import com.azure.storage.queue.QueueServiceClientBuilder;
import com.azure.storage.queue.QueueServiceVersion;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One of the services of a storage account: makes its clients, and turns what they throw into
 * errors that can be read. Immutable.
 *
 * <p>Of the versions of the service one is asked for that has all that is needed, and that
 * emulators have known for long: they refuse versions that are newer than they are.
 *
 * @param title what it is, for errors
 * @param address where it is
 * @param connection how it is entered
 */
record Service(String title, String address, StorageConnection connection) {
  private static final Duration CONNECTING = Duration.ofSeconds(5);

  /** How long an answer may take to begin, and how long nothing may come within one. */
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private static final int TRIES = 3;
  private static final long ARRAY_MAX = Integer.MAX_VALUE - 8;
  private static final Duration RETRY_FIRST = Duration.ofMillis(200);
  private static final Duration RETRY_LONGEST = Duration.ofSeconds(2);

  /** Made when the first function needs it, and shared by all. */
  private static final class Http {
    static final HttpClient ELSEWHERE = builder().build();

    static JdkHttpClientBuilder builder() {
      return new JdkHttpClientBuilder()
          .executor(
              Executors.newThreadPerTaskExecutor(
                  Thread.ofVirtual().name("storage-http-", 0).factory()))
          .connectionTimeout(CONNECTING)
          .responseTimeout(SILENCE)
          .readTimeout(SILENCE)
          .writeTimeout(SILENCE);
    }
  }

  /** For emulators on this machine, to which no proxy leads. */
  private static final class LocalHttp {
    static final HttpClient HERE = Http.builder().configuration(Configuration.NONE).build();
  }

  /** The service for blobs of an account. */
  static Service blobs(StorageConnection connection) {
    return new Service("blob service", connection.blobService(), connection);
  }

  /** The service for queues of an account. */
  static Service queues(StorageConnection connection) {
    return new Service("queue service", connection.queueService(), connection);
  }

  BlobServiceClient blobClient() {
    BlobServiceClientBuilder builder =
        new BlobServiceClientBuilder()
            .endpoint(address)
            .serviceVersion(BlobServiceVersion.V2021_12_02)
            .httpClient(http())
            .addPolicy(Service::readable)
            .retryOptions(retries());
    StorageSharedKeyCredential key = key();
    return key == null
        ? builder.sasToken(connection.signature()).buildClient()
        : builder.credential(key).buildClient();
  }

  QueueServiceClient queueClient() {
    QueueServiceClientBuilder builder =
        new QueueServiceClientBuilder()
            .endpoint(address)
            .serviceVersion(QueueServiceVersion.V2021_12_02)
            .httpClient(http())
            .addPolicy(Service::readable)
            .retryOptions(retries());
    StorageSharedKeyCredential key = key();
    return key == null
        ? builder.sasToken(connection.signature()).buildClient()
        : builder.credential(key).buildClient();
  }

  private @Nullable StorageSharedKeyCredential key() {
    return connection.key() == null
        ? null
        : new StorageSharedKeyCredential(connection.account(), connection.key());
  }

  private HttpClient http() {
    LibraryLog.silence();
    String host = String.valueOf(URI.create(address).getHost()).toLowerCase(Locale.ROOT);
    boolean here = host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    return here ? LocalHttp.HERE : Http.ELSEWHERE;
  }

  /**
   * Answers that can be read. A refusal is read by whoever tries again and by whoever says why, and
   * from the client of the JDK it can be read once.
   */
  private static Mono<HttpResponse> readable(
      HttpPipelineCallContext context, HttpPipelineNextPolicy next) {
    return next.process()
        .map(
            response -> {
              if (response.getStatusCode() >= 400) {
                return response.buffer();
              }
              if (context.getHttpRequest().getHttpMethod() == HttpMethod.GET) {
                refuseTooLarge(response);
              }
              return response;
            });
  }

  private static void refuseTooLarge(HttpResponse response) {
    String length = response.getHeaderValue(HttpHeaderName.CONTENT_LENGTH);
    // While it is read, it is there twice.
    long most = Math.min(ARRAY_MAX, Runtime.getRuntime().maxMemory() / 2);
    if (length != null && Long.parseLong(length) > most) {
      response.close();
      throw new TooLargeException(
          "it has %s bytes, and the memory of this process takes %d".formatted(length, most));
    }
  }

  /** Something is larger than the memory of this process, and was not read. */
  private static final class TooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooLargeException(String message) {
      super(message);
    }
  }

  private static RequestRetryOptions retries() {
    return new RequestRetryOptions(
        RetryPolicyType.EXPONENTIAL, TRIES, (Duration) null, RETRY_FIRST, RETRY_LONGEST, null);
  }

  // ---- calls ----------------------------------------------------------------------------------

  /**
   * Asks the service for something.
   *
   * @param what for errors, such as {@code read queue 'orders'}
   * @throws HttpResponseException if it refuses because of the state that something is in: statuses
   *     404, 409 and 412, and 400 for a receipt of a message that is out of date
   */
  <T extends @Nullable Object> T call(String what, Supplier<T> call)
      throws StorageException, InterruptedException {
    try {
      return call.get();
    } catch (HttpResponseException e) {
      if (isState(e)) {
        throw e;
      }
      throw refused(what, e);
    } catch (RuntimeException e) {
      throw failed(what, e);
    }
  }

  private static boolean isState(HttpResponseException e) {
    return switch (status(e)) {
      case 404, 409, 412 -> true;
      case 400 -> code(e).equals("PopReceiptMismatch");
      default -> false;
    };
  }

  /** The HTTP status of a refusal. */
  static int status(HttpResponseException e) {
    return e.getResponse() == null ? 0 : e.getResponse().getStatusCode();
  }

  /** The code of a refusal, such as {@code QueueNotFound}. */
  static String code(HttpResponseException e) {
    String code =
        e.getResponse() == null
            ? null
            : e.getResponse().getHeaderValue(HttpHeaderName.fromString("x-ms-error-code"));
    return code == null ? "" : code;
  }

  /** A refusal as an error for people. */
  StorageException refused(String what, HttpResponseException e) {
    int status = status(e);
    String answer = code(e).isEmpty() ? String.valueOf(status) : status + " " + code(e);
    return new StorageException(
        status == 401 || status == 403
            ? "The %s at %s does not let us %s: it answers %s. Check the key or the signature in the setting of the connection '%s', and the clock of this machine."
                .formatted(title, address, what, answer, connection.name())
            : "The %s at %s could not %s: it answers %s.".formatted(title, address, what, answer),
        e,
        isLasting(status));
  }

  /** Of what was asked for; not of the account, of a proxy, or of the moment. */
  private static boolean isLasting(int status) {
    return switch (status) {
      case 401, 403, 407, 408, 429 -> false;
      default -> status >= 400 && status < 500;
    };
  }

  private StorageException failed(String what, RuntimeException e) throws InterruptedException {
    Throwable reason = null;
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (at instanceof InterruptedException) {
        throw (InterruptedException) new InterruptedException().initCause(e);
      }
      if (at instanceof TooLargeException) {
        return new StorageException(
            "The %s at %s could not %s: %s.".formatted(title, address, what, at.getMessage()),
            e,
            true);
      }
      if (isTelling(at) || (reason == null && isOfNetwork(at))) {
        reason = at;
      }
    }
    if (reason == null) {
      return new StorageException(
          "The %s at %s could not %s, for a reason that is not known: %s."
              .formatted(title, address, what, e.getClass().getName()),
          e);
    }
    return new StorageException(
        "The %s at %s (connection '%s') cannot be reached to %s: %s. Check that it runs and that the address is right."
            .formatted(title, address, connection.name(), what, reason(reason)),
        e);
  }

  private static boolean isOfNetwork(Throwable e) {
    return e instanceof IOException || e instanceof TimeoutException;
  }

  /** Whether something says more than what it was caused by. */
  private static boolean isTelling(Throwable e) {
    return e instanceof ConnectException
        || e instanceof UnknownHostException
        || e instanceof UnresolvedAddressException;
  }

  private static String reason(Throwable e) {
    return switch (e) {
      case UnknownHostException unknown -> "the name of the host is not known";
      case UnresolvedAddressException unknown -> "the name of the host is not known";
      case ConnectException refused -> "nothing accepts connections there";
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }
}
