package dev.perdure.trigger.eventhubs;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.DisabledFunctions;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The event hubs that an app expects on this machine: those of its connection strings with {@code
 * UseDevelopmentEmulator=true}. Immutable.
 *
 * @param host the host, as in the connection string
 * @param port the port for AMQP
 * @param deviceHub the hub that has the messages of devices, which functions read as {@code
 *     messages/events}; null if none does
 * @param hubs the consumer groups of each hub, without {@code $Default}, which all have
 */
public record LocalHubs(
    String host, int port, @Nullable String deviceHub, Map<String, Set<String>> hubs) {
  /** The name under which the messages of devices are read from any IoT Hub. */
  public static final String DEVICE_MESSAGES = "messages/events";

  /** Copies the map. */
  public LocalHubs {
    hubs = Map.copyOf(hubs);
  }

  /**
   * What the functions of an app expect, where it says so; null if they expect nothing on this
   * machine. Functions that are switched off, and bindings that are wrong, count for nothing. If
   * several places are named, the first one is taken.
   */
  public static @Nullable LocalHubs of(List<FunctionDefinition> functions, Settings settings) {
    DisabledFunctions disabled = DisabledFunctions.of(settings);
    String host = null;
    int port = 0;
    String deviceHub = null;
    Map<String, Set<String>> hubs = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (FunctionDefinition function : functions) {
      if (disabled.contains(function.name())) {
        continue;
      }
      for (Binding binding : function.bindings()) {
        EventHubConnection connection = emulator(binding, settings);
        if (connection == null) {
          continue;
        }
        if (host == null) {
          host = connection.host();
          port = port(connection);
        }
        if (!host.equals(connection.host()) || port != port(connection)) {
          continue;
        }
        String group = binding.isTrigger() ? group(binding, settings) : null;
        Set<String> groups = hubs.computeIfAbsent(connection.hub(), name -> new TreeSet<>());
        if (group != null) {
          groups.add(group);
        }
        if (DEVICE_MESSAGES.equalsIgnoreCase(EventHubConnection.hubName(binding, settings))) {
          deviceHub = connection.hub();
        }
      }
    }
    return host == null ? null : new LocalHubs(host, port, deviceHub, hubs);
  }

  private static @Nullable EventHubConnection emulator(Binding binding, Settings settings) {
    if (!binding.is("eventHubTrigger") && !binding.is("eventHub")) {
      return null;
    }
    try {
      EventHubConnection connection = EventHubConnection.of(binding, settings);
      return connection.isEmulator() ? connection : null;
    } catch (InvalidTriggerException e) {
      return null; // whoever loads the function says so
    }
  }

  private static int port(EventHubConnection connection) {
    return connection.port() == null ? EventHubConnection.EMULATOR_PORT : connection.port();
  }

  private static @Nullable String group(Binding binding, Settings settings) {
    try {
      String group = settings.resolve(binding.text("consumerGroup", "")).strip();
      return group.isEmpty() || group.equalsIgnoreCase("$Default") ? null : group;
    } catch (MissingSettingException e) {
      return null;
    }
  }
}
