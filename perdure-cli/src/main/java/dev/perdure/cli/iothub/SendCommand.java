package dev.perdure.cli.iothub;

import dev.perdure.iothub.ServiceClient;
import dev.perdure.iothub.device.Device;
import dev.perdure.iothub.simulator.Simulation;
import dev.perdure.iothub.simulator.SimulationOptions;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code perdure iothub send}. */
@Command(
    name = "send",
    mixinStandardHelpOptions = true,
    description = {
      "Sends a message as a device (--device), by MQTT, or to a device (--to-device), and waits"
          + " until the hub has stored it.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:the hub has it", "1:it could not be sent", "2:wrong usage"})
final class SendCommand implements Callable<Integer> {
  /** How long nothing may be acknowledged. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final int MESSAGE_BYTES_MAX = 256 << 10;

  @Spec private CommandSpec spec;

  @Mixin private HubDirectory hub;

  @Parameters(paramLabel = "MESSAGE", description = "The body of the message.")
  private String message;

  @Option(names = "--device", paramLabel = "ID", description = "The device that sends it.")
  private @Nullable String device;

  @Option(
      names = "--to-device",
      paramLabel = "ID",
      description = "The device that is to get it, now or when it connects within an hour.")
  private @Nullable String toDevice;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1",
      description = "How often to send it. Default: ${DEFAULT-VALUE}")
  private long count;

  @Option(
      names = "--property",
      paramLabel = "NAME=VALUE",
      description =
          "A property of the message; may be repeated. $.ct is the content type, $.ce the content"
              + " encoding, $.mid the message id, $.cid the correlation id.")
  private Map<String, String> properties = new LinkedHashMap<>();

  @Option(
      names = "--mqtt-port",
      paramLabel = "PORT",
      description = "Where the hub listens. Default: what the hub of the directory says")
  private @Nullable Integer mqttPort;

  @Option(
      names = "--amqp-port",
      paramLabel = "PORT",
      description =
          "Where the hub takes messages to devices. Default: what the hub of the directory says")
  private @Nullable Integer amqpPort;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if ((device == null) == (toDevice == null)) {
      throw new ParameterException(
          spec.commandLine(), "Give --device for who sends, or --to-device for who is to get it.");
    }
    byte[] payload = message.getBytes(StandardCharsets.UTF_8);
    if (count < 1) {
      throw new ParameterException(
          spec.commandLine(), "--count is %d; use 1 or more.".formatted(count));
    }
    if (payload.length > MESSAGE_BYTES_MAX) {
      throw new ParameterException(
          spec.commandLine(),
          "The message has %d bytes; a device may send %d."
              .formatted(payload.length, MESSAGE_BYTES_MAX));
    }
    if (device != null) {
      sendAs(device, payload);
    } else if (toDevice != null) {
      sendTo(hub.device(toDevice).id(), payload);
    }
    spec.commandLine()
        .getOut()
        .println(count == 1 ? "Sent." : "Sent %d messages.".formatted(count));
    return 0;
  }

  private void sendTo(String id, byte[] payload) throws InterruptedException {
    for (long i = 0; i < count; i++) {
      ServiceClient.send(hub.path(), hub.host(), hub.amqpPort(amqpPort), id, payload, properties);
    }
  }

  private void sendAs(String id, byte[] payload) throws IOException, InterruptedException {
    Device sender = hub.device(id);
    SimulationOptions options =
        SimulationOptions.of(hub.target(mqttPort))
            .withRate(0)
            .withMessagesMax(count)
            .withInFlightMax(100)
            .withProperties(bag())
            .withTelemetry((from, number) -> payload);
    try (Simulation sending = Simulation.start(options, List.of(sender))) {
      long acknowledged = 0;
      while (sending.awaitEnd(PATIENCE) == null) {
        long before = acknowledged;
        acknowledged = sending.progress().acknowledged();
        if (acknowledged == before) {
          break;
        }
      }
      acknowledged = sending.progress().acknowledged();
      if (acknowledged < count) {
        throw new IOException(
            "The hub has not acknowledged %d of %d messages, and none for %d seconds. Look at what it logs."
                .formatted(count - acknowledged, count, PATIENCE.toSeconds()));
      }
    }
  }

  private String bag() {
    return properties.entrySet().stream()
        .map(property -> encode(property.getKey()) + "=" + encode(property.getValue()))
        .collect(Collectors.joining("&"));
  }

  /** As in addresses, where a space is %20; slashes and wildcards of topics are encoded too. */
  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
