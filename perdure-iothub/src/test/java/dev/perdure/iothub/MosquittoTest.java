package dev.perdure.iothub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.perdure.iothub.device.Device;
import dev.perdure.iothub.event.Partition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line client that many use, exactly as the user guide has it. */
class MosquittoTest {
  private static final Path PROGRAM = Path.of("/usr/bin/mosquitto_pub");

  @TempDir Path directory;

  @BeforeAll
  static void install() throws Exception {
    if (!Files.isExecutable(PROGRAM) && !isInstalled()) {
      System.out.println(
          "SKIPPED: MosquittoTest. mosquitto_pub is missing and cannot be installed here"
              + " (apt-get install mosquitto-clients).");
      assumeTrue(false, "mosquitto_pub is missing");
    }
  }

  private static boolean isInstalled() throws InterruptedException {
    try {
      run(120, "apt-get", "update", "-qq");
      run(120, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "mosquitto-clients");
    } catch (IOException noApt) {
      return false;
    }
    return Files.isExecutable(PROGRAM);
  }

  private static int run(int secondsMax, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return process.waitFor(secondsMax, TimeUnit.SECONDS) ? process.exitValue() : -1;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void mosquittoPublishesWithTheDevicesKeyAsPassword() throws Exception {
    try (IotHub hub = IotHub.start(IotHubOptions.of(directory).withFreePorts())) {
      Device device = hub.devices().add("d1");

      int exitCode =
          run(
              30,
              PROGRAM.toString(),
              "-h",
              "localhost",
              "-p",
              Integer.toString(hub.mqttPort()),
              "-i",
              "d1",
              "-u",
              "localhost/d1/?api-version=2021-04-12",
              "-P",
              device.primaryKey(),
              "-q",
              "1",
              "-t",
              "devices/d1/messages/events/",
              "-m",
              "{\"temperature\":21}");

      assertThat(exitCode).isZero();
      Partition partition = hub.eventHubs().getFirst().partitionForKey("d1");
      assertThat(
              new String(partition.read(0, 1, 1).getFirst().message(), StandardCharsets.ISO_8859_1))
          .endsWith("{\"temperature\":21}");
    }
  }

  @Test
  void aWrongKeyIsRefused() throws Exception {
    try (IotHub hub = IotHub.start(IotHubOptions.of(directory).withFreePorts())) {
      hub.devices().addMissing(List.of("d1"));

      int exitCode =
          run(
              30,
              PROGRAM.toString(),
              "-h",
              "localhost",
              "-p",
              Integer.toString(hub.mqttPort()),
              "-i",
              "d1",
              "-u",
              "localhost/d1/?api-version=2021-04-12",
              "-P",
              "wrong",
              "-q",
              "1",
              "-t",
              "devices/d1/messages/events/",
              "-m",
              "x");

      assertThat(exitCode).isNotZero();
    }
  }
}
