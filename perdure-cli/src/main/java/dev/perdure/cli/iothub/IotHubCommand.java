package dev.perdure.cli.iothub;

import dev.perdure.cli.operations.Moment;
import dev.perdure.iothub.IotHub;
import dev.perdure.iothub.IotHubOptions;
import dev.perdure.iothub.TlsCertificate;
import dev.perdure.iothub.event.EventHub;
import dev.perdure.iothub.event.HubSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code perdure iothub}. */
@Command(
    name = "iothub",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs a local IoT hub: devices send by MQTT as to Azure IoT Hub, and programs read what they"
          + " sent as from Event Hubs. It can serve plain event hubs besides.",
      "",
      "Stop it with Ctrl-C or SIGTERM. Messages are kept until their retention is over, also when"
          + " it is killed.",
      "",
    },
    subcommands = {DeviceCommand.class, SendCommand.class, SimulateCommand.class},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped in an orderly way",
      "1:it could not be started",
      "2:wrong usage",
      "130, 143:stopped by Ctrl-C or SIGTERM"
    })
public final class IotHubCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private HubDirectory directory;

  @Option(
      names = "--hub",
      paramLabel = "NAME",
      defaultValue = IotHubOptions.HUB_NAME,
      description =
          "The IoT hub's Event Hub-compatible name; it is reached as messages/events too. Default:"
              + " ${DEFAULT-VALUE}")
  private String hub;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description =
          "Of each hub that is new, 1 to "
              + HubSettings.PARTITIONS_MAX
              + "; fixed from then on. Default: "
              + HubSettings.PARTITIONS_DEFAULT)
  private @Nullable Integer partitions;

  @Option(
      names = "--consumer-group",
      paramLabel = "NAME",
      split = ",",
      description = "Consumer groups of all hubs besides $Default; several with commas.")
  private List<String> consumerGroups = List.of();

  @Option(
      names = "--event-hub",
      paramLabel = "NAME",
      split = ",",
      description = "Plain event hubs to serve besides; several with commas.")
  private List<String> eventHubs = List.of();

  @Option(
      names = "--retention",
      paramLabel = "TIME",
      converter = Moment.Span.class,
      defaultValue = "1d",
      description =
          "How long events are kept, at most 7d, such as 12h or 7d. Default: ${DEFAULT-VALUE}")
  private Duration retention;

  @Option(
      names = "--retention-mb",
      paramLabel = "N",
      description = "Keep no more than so many MiB in a partition. Default: as much as there is")
  private @Nullable Long retentionMb;

  @Option(
      names = "--mqtt-port",
      paramLabel = "PORT",
      defaultValue = "" + IotHubOptions.MQTT_PORT,
      description = "The port for devices; 0 picks a free one. Default: ${DEFAULT-VALUE}")
  private int mqttPort;

  @Option(
      names = "--amqp-port",
      paramLabel = "PORT",
      defaultValue = "" + IotHubOptions.AMQP_PORT,
      description =
          "The port for consumers and producers; 0 picks a free one. Default: ${DEFAULT-VALUE}")
  private int amqpPort;

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Where to listen; beyond this machine, keys are checked. Default: ${DEFAULT-VALUE}")
  private String address;

  @Option(
      names = "--require-auth",
      description = "Check the keys and tokens of consumers and producers also on this machine.")
  private boolean requireAuth;

  @Option(
      names = "--no-key-passwords",
      description = "Devices need tokens; their keys themselves are no passwords, as in Azure.")
  private boolean noKeyPasswords;

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description = "A certificate with its chain, in PEM format, to serve devices with TLS too.")
  private @Nullable Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Its private key, in PEM format, not encrypted.")
  private @Nullable Path key;

  @Option(
      names = "--mqtt-tls-port",
      paramLabel = "PORT",
      defaultValue = "" + IotHubOptions.MQTT_TLS_PORT,
      description = "The port for devices with TLS; 0 picks a free one. Default: ${DEFAULT-VALUE}")
  private int mqttTlsPort;

  @Override
  public Integer call() throws InterruptedException {
    IotHub running = IotHub.start(options());
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  running.close();
                  stopped.countDown();
                },
                "perdure-stop"));
    print(running, spec.commandLine().getOut());
    stopped.await();
    return 0;
  }

  private IotHubOptions options() {
    // To the hub, 0 is what is not said.
    if (partitions != null && partitions == 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--partitions is 0; use 1 to %d, or leave it out.".formatted(HubSettings.PARTITIONS_MAX));
    }
    if (retentionMb != null && retentionMb == 0) {
      throw new ParameterException(
          spec.commandLine(), "--retention-mb is 0; use 1 or more, or leave it out for no limit.");
    }
    try {
      IotHubOptions options =
          IotHubOptions.of(directory.path())
              .withHub(settings(hub))
              .withEventHubs(eventHubs.stream().map(this::settings).toList())
              .withRetention(
                  retention, retentionMb == null ? 0 : Math.multiplyExact(retentionMb, 1L << 20))
              .withAddress(address)
              .withPorts(mqttPort, mqttTlsPort, amqpPort);
      if (certificate != null && key != null) {
        options = options.withTls(new TlsCertificate.Pem(certificate, key));
      } else if (certificate != null || key != null) {
        throw new IllegalArgumentException(
            "For TLS, both --tls-certificate and --tls-key are needed.");
      }
      options = requireAuth ? options.withAuthRequired() : options;
      return noKeyPasswords ? options.withoutKeyPasswords() : options;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private HubSettings settings(String name) {
    return new HubSettings(name, partitions == null ? 0 : partitions, consumerGroups);
  }

  private void print(IotHub running, PrintWriter out) {
    out.printf(
        "IoT hub '%s' is ready: MQTT on %s:%d%s, AMQP on %s:%d%n",
        running.name(),
        address,
        running.mqttPort(),
        running.mqttTlsPort() == 0 ? "" : " (with TLS: %d)".formatted(running.mqttTlsPort()),
        address,
        running.amqpPort());
    out.println();
    out.println("To read what devices send (for apps: the setting that 'connection' names):");
    for (EventHub served : running.eventHubs()) {
      out.println("  " + running.connectionString(served.name()));
    }
    out.println();
    out.println("To send as a device:");
    String where =
        directory.path().toString().equals(HubDirectory.DEFAULT)
            ? ""
            : " --dir " + directory.path();
    out.println("  perdure iothub device add my-device" + where);
    out.println("  perdure iothub send --device my-device" + where + " '{\"temperature\":21}'");
    out.println(
        "  "
            + MosquittoCommand.text(
                running.host(), running.mqttPort(), "my-device", "KEY_OF_THE_DEVICE"));
    out.flush();
  }
}
