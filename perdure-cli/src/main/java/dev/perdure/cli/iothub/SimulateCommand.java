package dev.perdure.cli.iothub;

import dev.perdure.cli.operations.Moment;
import dev.perdure.iothub.device.Device;
import dev.perdure.iothub.simulator.Progress;
import dev.perdure.iothub.simulator.Simulation;
import dev.perdure.iothub.simulator.SimulationOptions;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code perdure iothub simulate}. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Simulates devices that send temperature and humidity as JSON. They are sim-0001 and so on,"
          + " and are added if the hub does not know them.",
      "",
      "Each connects by MQTT and sends with QoS 1, as a real one does.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:the hub has all messages", "1:it has not", "2:wrong usage"})
final class SimulateCommand implements Callable<Integer> {
  private static final int DEVICES_MAX = 10_000;
  private static final Duration REPORT_INTERVAL = Duration.ofSeconds(1);

  @Spec private CommandSpec spec;

  @Mixin private HubDirectory hub;

  @Option(
      names = "--devices",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many devices. Default: ${DEFAULT-VALUE}")
  private int devices;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Messages a second of each device; 0 for as fast as the hub takes them. Default:"
              + " ${DEFAULT-VALUE}")
  private double rate;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = Moment.Span.class,
      description = "How long, such as 30s or 5m. Default: until Ctrl-C")
  private @Nullable Duration duration;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "How many messages of all devices together. Default: no limit")
  private @Nullable Long count;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "How many messages a device sends before it waits for the hub. Default: ${DEFAULT-VALUE}")
  private int inFlight;

  @Option(
      names = "--mqtt-port",
      paramLabel = "PORT",
      description = "Where the hub listens. Default: what the hub of the directory says")
  private @Nullable Integer mqttPort;

  @Override
  public Integer call() throws InterruptedException {
    if (devices < 1 || devices > DEVICES_MAX) {
      throw new ParameterException(
          spec.commandLine(), "--devices is %d; use 1 to %d.".formatted(devices, DEVICES_MAX));
    }
    if (duration != null && duration.isZero()) {
      throw new ParameterException(
          spec.commandLine(), "--duration is zero; leave it out to go on until Ctrl-C.");
    }
    if (count != null && count == 0) {
      throw new ParameterException(
          spec.commandLine(), "--count is 0; leave it out to have no limit.");
    }
    SimulationOptions options = options();
    PrintWriter out = spec.commandLine().getOut();
    List<Device> all = hub.devices().addMissing(SimulationOptions.deviceIds(devices));
    try (Simulation simulation = Simulation.start(options, all)) {
      Progress end = null;
      while (end == null) {
        end = simulation.awaitEnd(REPORT_INTERVAL);
        report(simulation.progress(), out);
      }
      out.printf(
          Locale.ROOT,
          "%d sent, %d acknowledged in %.1f s (%.0f a second)%s%n",
          end.sent(),
          end.acknowledged(),
          end.elapsed().toMillis() / 1e3,
          end.perSecond(),
          end.failures() == 0 ? "" : ", %d connections broke".formatted(end.failures()));
      out.flush();
      return end.acknowledged() == end.sent() ? 0 : 1;
    }
  }

  private SimulationOptions options() {
    try {
      return SimulationOptions.of(hub.target(mqttPort))
          .withRate(rate)
          .withDuration(duration == null ? Duration.ZERO : duration)
          .withMessagesMax(count == null ? 0 : count)
          .withInFlightMax(inFlight);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static void report(Progress progress, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%6.1f s: %d devices connected, %d sent, %d acknowledged%n",
        progress.elapsed().toMillis() / 1e3,
        progress.connected(),
        progress.sent(),
        progress.acknowledged());
    out.flush();
  }
}
