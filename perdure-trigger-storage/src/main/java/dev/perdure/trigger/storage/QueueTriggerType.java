package dev.perdure.trigger.storage;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.ExtensionOptions;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.TriggerType;
import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * Runs functions for messages in queues of Azure Storage, each at least once. Options are in
 * host.json below {@code extensions.queues}.
 */
public final class QueueTriggerType implements TriggerType {
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final UnaryOperator<Dequeuing> tuning;
  private final Duration closing;

  /** Functions of queues. */
  public QueueTriggerType() {
    this(options -> options, CLOSING);
  }

  /**
   * Functions of queues, for tests.
   *
   * @param closing how long a run may go on when the host closes, before it is interrupted
   */
  QueueTriggerType(UnaryOperator<Dequeuing> tuning, Duration closing) {
    this.tuning = tuning;
    this.closing = closing;
  }

  @Override
  public String type() {
    return "queueTrigger";
  }

  @Override
  public Trigger create(
      FunctionDefinition function, FunctionRunner runner, TriggerEnvironment environment) {
    Binding binding = function.trigger();
    Settings settings = environment.settings();
    String name = queueName(binding, settings);
    ExtensionOptions options = ExtensionOptions.of(environment.host(), "queues");
    StorageConnection connection = StorageConnection.of(binding, settings);
    String poison = QueueNames.poison(name);
    return new QueueFunction(
        function.name(),
        new QueueFunction.Queues(
            new AzureQueue(connection, name),
            poison == null ? null : new AzureQueue(connection, poison)),
        new QueueFunction.Reading(
            MessageEncoding.of(options), binding.text("dataType", "").equalsIgnoreCase("binary")),
        tuning.apply(
            Dequeuing.ofQueues(options, settings, Runtime.getRuntime().availableProcessors())),
        runner,
        closing);
  }

  private static String queueName(Binding binding, Settings settings) {
    String name = binding.text("queueName");
    if (name == null) {
      throw new InvalidTriggerException(
          "The trigger '%s' names no queue; set queueName.".formatted(binding.name()));
    }
    try {
      return QueueNames.checked(settings.resolve(name));
    } catch (MissingSettingException | IllegalArgumentException e) {
      throw new InvalidTriggerException(String.valueOf(e.getMessage()), e);
    }
  }
}
