package dev.perdure.trigger.storage;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.JsonProperties;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.Value;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A function that runs for the messages of a queue. */
final class QueueFunction implements Trigger, QueueListener.Worker {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.storage");

  private final String name;
  private final Queues queues;
  private final Reading reading;
  private final Dequeuing options;
  private final FunctionRunner runner;
  private final QueueListener listener;

  /**
   * Where messages are.
   *
   * @param messages where they come from
   * @param poison where they go that fail again and again; null for nowhere
   */
  record Queues(MessageQueue messages, @Nullable MessageQueue poison) {}

  /**
   * How messages are read.
   *
   * @param encoding how their content is written
   * @param binary whether the function wants bytes
   */
  record Reading(MessageEncoding encoding, boolean binary) {}

  QueueFunction(
      String name,
      Queues queues,
      Reading reading,
      Dequeuing options,
      FunctionRunner runner,
      Duration closing) {
    this.name = name;
    this.queues = queues;
    this.reading = reading;
    this.options = options;
    this.runner = runner;
    this.listener = new QueueListener(name, queues.messages(), options, this, closing);
  }

  @Override
  public void start() {
    listener.start();
  }

  @Override
  public Invocation byHand(String input) {
    return invocation(
        input.getBytes(StandardCharsets.UTF_8),
        new LinkedHashMap<>(),
        "This function was programmatically called via the host APIs.");
  }

  @Override
  public @Nullable MessageQueue poison(Received message) {
    return queues.poison();
  }

  @Override
  public void missing() {
    LOG.log(
        Level.WARNING,
        "There is no queue '%s' yet; function '%s' waits for it."
            .formatted(queues.messages().name(), name));
  }

  @Override
  public Fate.Result work(Received message) throws InterruptedException {
    byte[] content = reading.encoding().decode(message.text());
    if (content == null) {
      LOG.log(
          Level.ERROR,
          "Message %s of the queue '%s' is not Base64, so function '%s' cannot get it. If messages are plain text, set messageEncoding to none in host.json (extensions.queues)."
              .formatted(message.id(), queues.messages().name(), name));
      return Fate.Result.FAILED;
    }
    Outcome outcome =
        runner.run(
            invocation(
                content,
                metadata(message),
                "New queue message detected on '%s'.".formatted(queues.messages().name())));
    if (outcome.succeeded()) {
      return Fate.Result.SUCCEEDED;
    }
    LOG.log(
        Level.ERROR,
        "Function '%s' has failed with message %s of the queue '%s', attempt %d of %d."
            .formatted(
                name,
                message.id(),
                queues.messages().name(),
                message.dequeueCount(),
                options.attemptsMax()),
        outcome.failure());
    return Fate.Result.FAILED;
  }

  private static Map<String, Value> metadata(Received message) {
    Map<String, Value> metadata = new LinkedHashMap<>();
    metadata.put("DequeueCount", new Value.Json(Long.toString(message.dequeueCount())));
    metadata.put("ExpirationTime", time(message.expires()));
    metadata.put("Id", new Value.Text(message.id()));
    metadata.put("InsertionTime", time(message.inserted()));
    metadata.put("NextVisibleTime", time(message.nextVisible()));
    metadata.put("PopReceipt", new Value.Text(message.receipt()));
    return metadata;
  }

  private static Value time(Instant time) {
    return new Value.Json(Json.quoted(Json.time(time)));
  }

  private Invocation invocation(byte[] content, Map<String, Value> metadata, String reason) {
    String text = new String(content, StandardCharsets.UTF_8);
    metadata.put("QueueTrigger", new Value.Text(text));
    JsonObject object = Json.object(text);
    if (object != null) {
      for (Map.Entry<String, JsonElement> property : object.entrySet()) {
        Value value = JsonProperties.value(property.getValue());
        metadata.replaceAll((key, old) -> key.equalsIgnoreCase(property.getKey()) ? value : old);
        metadata.put(property.getKey(), value);
      }
    }
    return new Invocation(Content.value(content, reading.binary()), metadata, reason, null);
  }

  @Override
  public void close() {
    listener.close();
  }
}
