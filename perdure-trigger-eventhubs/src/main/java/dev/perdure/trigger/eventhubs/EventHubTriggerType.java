package dev.perdure.trigger.eventhubs;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.HubMemory;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Listening;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.TriggerType;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Runs functions for the events of Event Hubs, and for the messages of devices of IoT Hub. At least
 * once: how far a partition is done is written down after each batch, whether the function
 * succeeded or not.
 */
public final class EventHubTriggerType implements TriggerType {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.eventhubs");

  private final Map<String, String> readers = new HashMap<>();
  private @Nullable TaskHubCheckpoints checkpoints;

  /** A trigger type; one for each host. */
  public EventHubTriggerType() {}

  @Override
  public String type() {
    return "eventHubTrigger";
  }

  @Override
  public synchronized Trigger create(
      FunctionDefinition function, FunctionRunner runner, TriggerEnvironment environment) {
    Binding binding = function.trigger();
    EventHubConnection connection = EventHubConnection.of(binding, environment.settings());
    EventHubOptions options = EventHubOptions.of(environment.host());
    EventHubListener.Source source =
        new EventHubListener.Source(function.name(), connection, group(binding, environment));
    EventValues values = EventValues.of(binding, runner.usesMetadata());
    warnOfOthers(source);
    CheckpointStores stores =
        options.checkpoints().inBlobs()
            ? CheckpointStores.inBlobs(environment.settings())
            : CheckpointStores.inTaskHub(() -> checkpoints(environment));
    EventHubListener listener = new EventHubListener(source, options, values, runner, stores);
    return new Started(
        values,
        listener,
        new Listening(function.name(), listener, EventHubListener.CLOSING_IN_ALL));
  }

  /** What all functions share: two that read the same would otherwise take each other's events. */
  private synchronized TaskHubCheckpoints checkpoints(TriggerEnvironment environment) {
    if (checkpoints == null) {
      checkpoints = new TaskHubCheckpoints(new HubMemory(environment.hub()));
    }
    return checkpoints;
  }

  private static String group(Binding binding, TriggerEnvironment environment) {
    try {
      String group = environment.settings().resolve(binding.text("consumerGroup", "")).strip();
      return group.isEmpty() ? "$Default" : group;
    } catch (MissingSettingException e) {
      throw new InvalidTriggerException(String.valueOf(e.getMessage()), e);
    }
  }

  private void warnOfOthers(EventHubListener.Source source) {
    String place = source.connection().place() + " " + source.group();
    String other = readers.putIfAbsent(place, source.function());
    if (other != null) {
      LOG.log(
          Level.WARNING,
          "Functions '%s' and '%s' read the event hub %s in the same consumer group, '%s': each event reaches only one of them. Give each function a group of its own."
              .formatted(other, source.function(), source.connection().place(), source.group()));
    }
  }

  /** The trigger of one function. */
  record Started(EventValues values, EventHubListener listener, Listening listening)
      implements Trigger {
    @Override
    public void start() {
      listening.start();
    }

    @Override
    public CompletableFuture<@Nullable Void> begun() {
      return listening.begun();
    }

    @Override
    public Invocation byHand(String input) {
      return values.byHand(input);
    }

    @Override
    public void close() {
      listening.close();
      listener.close(); // what it left to end when its connection broke, and has not taken up again
    }
  }
}
