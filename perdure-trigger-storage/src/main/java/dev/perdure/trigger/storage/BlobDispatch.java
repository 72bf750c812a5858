package dev.perdure.trigger.storage;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The queue in which blobs wait for the functions of an app, and what takes them from there. All
 * functions of a host share one, for each account that the host uses for itself. Safe from any
 * thread.
 */
final class BlobDispatch implements QueueListener.Worker, AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.storage");

  /** The queue for blobs with which a function has failed again and again. */
  static final String POISON = "webjobs-blobtrigger-poison";

  private final AzureQueue queue;
  private final MessageQueue poisonOfHost;
  private final Dequeuing options;
  private final Duration closing;
  private final Map<String, BlobFunction> functions = new ConcurrentHashMap<>();
  private @Nullable QueueListener listener;

  /**
   * A dispatch that has not begun.
   *
   * @param connection the account that the host uses for itself
   * @param host the id of the app
   */
  BlobDispatch(StorageConnection connection, String host, Dequeuing options, Duration closing) {
    this.queue = new AzureQueue(connection, "azure-webjobs-blobtrigger-" + host);
    this.poisonOfHost = new AzureQueue(connection, POISON);
    this.options = options;
    this.closing = closing;
  }

  /** Adds a function, and begins with the first. */
  synchronized void start(BlobFunction function) {
    functions.put(function.id(), function);
    if (listener == null) {
      listener = new QueueListener(function.name(), queue, options, this, closing);
      listener.start();
    }
  }

  /** Lets a blob wait for its function. Durable when this returns. */
  void enqueue(BlobMessage message) throws StorageException, InterruptedException {
    queue.send(message.text());
    LocalNotices.tell(queue.address(), "");
  }

  /** How often a blob is tried. */
  int attemptsMax() {
    return options.attemptsMax();
  }

  @Override
  public Fate.Result work(Received message) throws InterruptedException {
    BlobMessage blob = BlobMessage.parse(message.text());
    if (blob == null) {
      LOG.log(
          Level.ERROR,
          "Message %s of the queue '%s' is not about a blob; that queue is for the host alone."
              .formatted(message.id(), queue.name()));
      return Fate.Result.FAILED;
    }
    BlobFunction function = functions.get(blob.function());
    if (function == null) {
      LOG.log(
          Level.WARNING,
          "A blob waits in the queue '%s' for the function %s, which does not run in this host."
              .formatted(queue.name(), blob.function()));
      return Fate.Result.NOT_NOW;
    }
    return function.run(blob, message.dequeueCount());
  }

  @Override
  public MessageQueue poison(Received message) {
    BlobMessage blob = BlobMessage.parse(message.text());
    BlobFunction function = blob == null ? null : functions.get(blob.function());
    return function == null ? poisonOfHost : function.poison();
  }

  @Override
  public void missing() {
    // It is made when the first blob is found.
  }

  /** Ends, with the first of its functions: the host closes them all. */
  @Override
  public void close() {
    QueueListener running = listener();
    if (running != null) {
      running.close();
    }
  }

  private synchronized @Nullable QueueListener listener() {
    return listener;
  }
}
