package dev.perdure.trigger.storage;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.trigger.BindingTemplate;
import dev.perdure.functions.trigger.ExtensionOptions;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.OutputType;
import dev.perdure.functions.trigger.TriggerEnvironment;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Puts what functions give into queues of Azure Storage: a message for each value, and for each
 * element of collections, arrays and JSON arrays. Messages are durable when the function has
 * succeeded; if it fails among several, those before are there.
 */
public final class QueueOutputType implements OutputType {
  @Override
  public String type() {
    return "queue";
  }

  @Override
  public Output create(
      FunctionDefinition function, Binding binding, TriggerEnvironment environment) {
    String text = binding.text("queueName");
    if (text == null) {
      throw new InvalidTriggerException(
          "The output '%s' names no queue; set queueName.".formatted(binding.name()));
    }
    BindingTemplate name =
        BindingTemplate.of(text, function.name(), environment.settings(), environment.clock());
    if (name.isFixed()) {
      try {
        String unused = QueueNames.checked(name.text());
      } catch (IllegalArgumentException e) {
        throw new InvalidTriggerException(String.valueOf(e.getMessage()), e);
      }
    }
    return new QueueWriter(
        StorageConnection.of(binding, environment.settings()),
        name,
        MessageEncoding.of(ExtensionOptions.of(environment.host(), "queues")));
  }

  /** Writes into queues of an account. */
  private static final class QueueWriter implements Output {
    /** Queues whose names are made of data; those beyond are not remembered. */
    private static final int QUEUES_MAX = 1_000;

    private final StorageConnection connection;
    private final BindingTemplate name;
    private final MessageEncoding encoding;
    private final ConcurrentHashMap<String, MessageQueue> queues = new ConcurrentHashMap<>();

    QueueWriter(StorageConnection connection, BindingTemplate name, MessageEncoding encoding) {
      this.connection = connection;
      this.name = name;
      this.encoding = encoding;
    }

    @Override
    public void write(Object value, Invocation invocation)
        throws StorageException, InterruptedException {
      MessageQueue queue = queue(QueueNames.checked(name.fill(invocation)));
      var texts =
          Content.several(value).stream().map(each -> encoding.encode(each.bytes())).toList();
      for (String text : texts) {
        queue.send(text);
        LocalNotices.tell(queue.address(), "");
      }
    }

    private MessageQueue queue(String wanted) {
      MessageQueue known = queues.get(wanted);
      if (known != null) {
        return known;
      }
      MessageQueue made = AzureQueue.ofOutput(connection, wanted);
      if (queues.size() < QUEUES_MAX) {
        queues.put(wanted, made);
      }
      return made;
    }
  }
}
