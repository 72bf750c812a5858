package dev.perdure.trigger.eventhubs;

import com.azure.messaging.eventhubs.EventData;
import com.azure.messaging.eventhubs.EventDataBatch;
import com.azure.messaging.eventhubs.EventHubProducerClient;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.invoke.Results;
import dev.perdure.functions.trigger.Interruption;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.OutputType;
import dev.perdure.functions.trigger.TriggerEnvironment;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends what functions give to an event hub: a text or bytes as one event, a list, an array or the
 * text of a JSON array as one event for each element, anything else as JSON.
 */
public final class EventHubOutputType implements OutputType {
  /** An output type; one for each host. */
  public EventHubOutputType() {}

  @Override
  public String type() {
    return "eventHub";
  }

  @Override
  public Output create(
      FunctionDefinition function, Binding binding, TriggerEnvironment environment) {
    return new Sender(
        EventHubConnection.of(binding, environment.settings()),
        EventHubOptions.of(environment.host()));
  }

  /** The bodies of the events that a value means. */
  static List<byte[]> bodies(Object value) {
    List<byte[]> bodies = new ArrayList<>();
    if (value instanceof byte[] bytes) {
      bodies.add(bytes);
    } else if (value instanceof Byte[] boxed) {
      byte[] bytes = new byte[boxed.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = boxed[i];
      }
      bodies.add(bytes);
    } else if (value instanceof Iterable<?> items) {
      items.forEach(item -> bodies.add(body(item)));
    } else if (value.getClass().isArray()) {
      for (int i = 0; i < Array.getLength(value); i++) {
        bodies.add(body(Array.get(value, i)));
      }
    } else if (value instanceof String text) {
      ofText(text, bodies);
    } else {
      bodies.add(body(value));
    }
    return bodies;
  }

  private static void ofText(String text, List<byte[]> bodies) {
    JsonArray array = EventValues.arrayIn(text);
    if (array == null) {
      bodies.add(utf8(text));
    } else {
      for (JsonElement element : array) {
        bodies.add(utf8(EventValues.text(element)));
      }
    }
  }

  private static byte[] body(@Nullable Object item) {
    return switch (item) {
      case null -> new byte[0];
      case byte[] bytes -> bytes;
      case CharSequence text -> utf8(text.toString());
      default -> utf8(String.valueOf(Results.json(item)));
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Sends for one binding; connects when there is something to send. */
  private static final class Sender implements Output {
    private final EventHubConnection connection;
    private final EventHubOptions options;
    private @Nullable EventHubProducerClient client;

    Sender(EventHubConnection connection, EventHubOptions options) {
      this.connection = connection;
      this.options = options;
    }

    @Override
    public void write(Object value, Invocation invocation) throws Exception {
      try {
        send(bodies(value));
      } catch (RuntimeException e) {
        if (Interruption.isCauseOf(e)) {
          throw new InterruptedException();
        }
        throw new IOException(
            "What the function gave has not been sent. " + Failures.sentence(e, connection, null),
            e);
      }
    }

    private void send(List<byte[]> bodies) throws IOException {
      EventHubProducerClient producer = client();
      EventDataBatch batch = producer.createBatch();
      for (byte[] body : bodies) {
        if (!add(batch, body)) {
          producer.send(batch);
          batch = producer.createBatch();
          if (!add(batch, body)) {
            throw tooLarge(body, batch);
          }
        }
      }
      if (batch.getCount() > 0) {
        producer.send(batch);
      }
    }

    private boolean add(EventDataBatch batch, byte[] body) throws IOException {
      try {
        return batch.tryAdd(new EventData(body));
      } catch (com.azure.core.amqp.exception.AmqpException e) {
        throw tooLarge(body, batch);
      }
    }

    private IOException tooLarge(byte[] body, EventDataBatch batch) {
      return new IOException(
          "An event of %d bytes is larger than the event hub %s takes, %d bytes with all that goes with it. Events of the same run before it may have been sent."
              .formatted(body.length, connection.place(), batch.getMaxSizeInBytes()));
    }

    private synchronized EventHubProducerClient client() {
      if (client == null) {
        client = Clients.sender(connection, options).buildProducerClient();
      }
      return client;
    }

    @Override
    public synchronized void close() {
      if (client != null) {
        client.close();
        client = null;
      }
    }
  }
}
