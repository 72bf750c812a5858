package dev.perdure.trigger.storage;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.util.Context;
import com.azure.storage.queue.QueueClient;
import com.azure.storage.queue.models.QueueMessageItem;
import com.azure.storage.queue.models.UpdateMessageResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A queue in an account. The only class that knows the library for queues. */
final class AzureQueue implements MessageQueue {
  private static final Duration WITHOUT_END = Duration.ofSeconds(-1);

  private final Service service;
  private final String name;
  private final @Nullable Duration life;
  private final Lazy<QueueClient> client;

  /** A queue in which what is sent waits for as long as it takes. */
  AzureQueue(StorageConnection connection, String name) {
    this(connection, name, WITHOUT_END);
  }

  /** A queue in which what is sent waits for as long as the service has it by itself. */
  static AzureQueue ofOutput(StorageConnection connection, String name) {
    return new AzureQueue(connection, name, null);
  }

  private AzureQueue(StorageConnection connection, String name, @Nullable Duration life) {
    this.service = Service.queues(connection);
    this.name = name;
    this.life = life;
    this.client = new Lazy<>(() -> service.queueClient().getQueueClient(name));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String address() {
    return service.address() + "/" + name;
  }

  @Override
  public Optional<List<Received>> receive(int most, Duration invisible)
      throws StorageException, InterruptedException {
    String what = "read the queue '%s'".formatted(name);
    try {
      return Optional.of(
          service.call(
              what,
              () ->
                  client.get().receiveMessages(most, invisible, null, Context.NONE).stream()
                      .map(AzureQueue::received)
                      .toList()));
    } catch (HttpResponseException e) {
      if (isMissing(e)) {
        return Optional.empty();
      }
      throw service.refused(what, e);
    }
  }

  private static Received received(QueueMessageItem item) {
    return new Received(
        item.getMessageId(),
        item.getPopReceipt(),
        item.getBody() == null ? "" : item.getBody().toString(),
        item.getDequeueCount(),
        item.getInsertionTime().toInstant(),
        item.getExpirationTime().toInstant(),
        item.getTimeNextVisible().toInstant());
  }

  /** There is no such queue, or it is just being deleted. */
  private static boolean isMissing(HttpResponseException e) {
    String code = Service.code(e);
    return code.equals("QueueNotFound") || code.equals("QueueBeingDeleted");
  }

  /** There is no such message, or somebody else has it by now. */
  private static boolean isGone(HttpResponseException e) {
    String code = Service.code(e);
    return code.equals("MessageNotFound") || code.equals("PopReceiptMismatch") || isMissing(e);
  }

  @Override
  public Optional<Received> hide(Received message, Duration time)
      throws StorageException, InterruptedException {
    String what = "keep a message of the queue '%s'".formatted(name);
    try {
      UpdateMessageResult result =
          service.call(
              what, () -> client.get().updateMessage(message.id(), message.receipt(), null, time));
      return Optional.of(
          message.renewed(result.getPopReceipt(), result.getTimeNextVisible().toInstant()));
    } catch (HttpResponseException e) {
      if (isGone(e)) {
        return Optional.empty();
      }
      throw service.refused(what, e);
    }
  }

  @Override
  public boolean delete(Received message) throws StorageException, InterruptedException {
    String what = "delete a message of the queue '%s'".formatted(name);
    try {
      return service.call(
          what,
          () -> {
            client.get().deleteMessage(message.id(), message.receipt());
            return true;
          });
    } catch (HttpResponseException e) {
      if (isGone(e)) {
        return false;
      }
      throw service.refused(what, e);
    }
  }

  @Override
  public void send(String text, Duration after) throws StorageException, InterruptedException {
    String what = "put a message into the queue '%s'".formatted(name);
    try {
      try {
        service.call(what, () -> sent(text, after));
      } catch (HttpResponseException e) {
        if (!Service.code(e).equals("QueueNotFound")) {
          throw e;
        }
        service.call(
            "create the queue '%s'".formatted(name), () -> client.get().createIfNotExists());
        service.call(what, () -> sent(text, after));
      }
    } catch (HttpResponseException e) {
      throw service.refused(what, e);
    }
  }

  private Object sent(String text, Duration after) {
    return client
        .get()
        .sendMessageWithResponse(text, after.isZero() ? null : after, life, null, Context.NONE);
  }
}
