package dev.perdure.cli.iothub;

import dev.perdure.cli.Output;
import dev.perdure.cli.operations.Moment;
import dev.perdure.iothub.device.Device;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code perdure iothub device}. */
@Command(
    name = "device",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Adds, lists and removes devices. A hub that runs notices at once; it need not run.",
      "",
    },
    subcommands = {
      DeviceCommand.Add.class,
      DeviceCommand.Show.class,
      DeviceCommand.ListAll.class,
      DeviceCommand.Remove.class,
      DeviceCommand.Token.class
    })
final class DeviceCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "A command is missing, such as '%s list'.".formatted(spec.qualifiedName()));
  }

  /** What all of them have. */
  @Command(
      mixinStandardHelpOptions = true,
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {"0:done", "1:it was refused", "2:wrong usage"})
  abstract static class DeviceOperation implements Callable<Integer> {
    @Spec CommandSpec spec;

    @Mixin HubDirectory hub;

    @Override
    public final Integer call() throws IOException {
      try {
        return run(spec.commandLine().getOut());
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
      } finally {
        spec.commandLine().getOut().flush();
      }
    }

    abstract int run(PrintWriter out) throws IOException;

    /** Everything that is needed to connect as a device. */
    final void print(Device device, boolean json, PrintWriter out) {
      String host = hub.host();
      if (json) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("deviceId", device.id());
        fields.put("primaryKey", device.primaryKey());
        fields.put("secondaryKey", device.secondaryKey());
        fields.put("createdAt", device.createdAt().toString());
        fields.put("connectionString", device.connectionString(host));
        fields.put("userName", device.userName(host));
        fields.put("telemetryTopic", "devices/%s/messages/events/".formatted(device.id()));
        Output.json(out, fields);
        return;
      }
      out.println("Device:            " + device.id());
      out.println("Primary key:       " + device.primaryKey());
      out.println("Connection string: " + device.connectionString(host));
      out.println("User name:         " + device.userName(host));
      out.println("Topic:             devices/%s/messages/events/".formatted(device.id()));
      out.println();
      out.println(
          MosquittoCommand.text(host, hub.target(null).port(), device.id(), device.primaryKey()));
    }
  }

  /** {@code perdure iothub device add}. */
  @Command(
      name = "add",
      description = {"Adds a device and shows how to connect as it, its key included.", ""})
  static final class Add extends DeviceOperation {
    @Parameters(paramLabel = "ID", description = "The id of the device.")
    private String id;

    @Option(names = "--json", description = "Print JSON, for programs.")
    private boolean json;

    @Override
    int run(PrintWriter out) {
      print(hub.devices().add(id), json, out);
      return 0;
    }
  }

  /** {@code perdure iothub device show}. */
  @Command(
      name = "show",
      description = {"Shows how to connect as a device, its key included.", ""})
  static final class Show extends DeviceOperation {
    @Parameters(paramLabel = "ID", description = "The id of the device.")
    private String id;

    @Option(names = "--json", description = "Print JSON, for programs.")
    private boolean json;

    @Override
    int run(PrintWriter out) throws IOException {
      print(hub.device(id), json, out);
      return 0;
    }
  }

  /** {@code perdure iothub device list}. */
  @Command(
      name = "list",
      description = {"Lists the devices, without their keys.", ""})
  static final class ListAll extends DeviceOperation {
    @Option(names = "--json", description = "Print JSON, for programs.")
    private boolean json;

    @Override
    int run(PrintWriter out) throws IOException {
      List<Device> devices = hub.existing().devices().list();
      if (json) {
        Output.json(
            out,
            devices.stream()
                .map(
                    device ->
                        Map.of("deviceId", device.id(), "createdAt", device.createdAt().toString()))
                .toList());
      } else {
        Output.table(
            out,
            List.of("DEVICE", "CREATED"),
            devices.stream()
                .map(device -> List.of(device.id(), device.createdAt().toString()))
                .toList());
      }
      return 0;
    }
  }

  /** {@code perdure iothub device remove}. */
  @Command(
      name = "remove",
      description = {
        "Removes a device. If it is connected, it stays so until it connects anew. What it has sent"
            + " stays.",
        ""
      })
  static final class Remove extends DeviceOperation {
    @Parameters(paramLabel = "ID", description = "The id of the device.")
    private String id;

    @Override
    int run(PrintWriter out) throws IOException {
      if (!hub.devices().remove(id)) {
        throw new IOException(
            "There is no device '%s' in %s. 'perdure iothub device list' shows those there are."
                .formatted(id, hub.path()));
      }
      out.println("Device '%s' is removed.".formatted(id));
      return 0;
    }
  }

  /** {@code perdure iothub device token}. */
  @Command(
      name = "token",
      description = {"Prints a SAS token, which is a device's password, and nothing else.", ""})
  static final class Token extends DeviceOperation {
    @Parameters(paramLabel = "ID", description = "The id of the device.")
    private String id;

    @Option(
        names = "--valid-for",
        paramLabel = "TIME",
        converter = Moment.Span.class,
        defaultValue = "1h",
        description = "How long it is valid, such as 30m, 12h or 7d. Default: ${DEFAULT-VALUE}")
    private Duration validFor;

    @Override
    int run(PrintWriter out) throws IOException {
      if (validFor.isZero()) {
        throw new IllegalArgumentException("--valid-for is zero; use a second or more.");
      }
      out.println(hub.device(id).sasToken(hub.host(), Instant.now().plus(validFor)));
      return 0;
    }
  }
}
