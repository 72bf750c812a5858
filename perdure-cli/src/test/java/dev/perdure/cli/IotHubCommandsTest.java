package dev.perdure.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.iothub.IotHub;
import dev.perdure.iothub.IotHubOptions;
import dev.perdure.iothub.device.SasToken;
import dev.perdure.iothub.event.Partition;
import dev.perdure.iothub.event.StoredEvent;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The local IoT hub and its devices from the command line. */
class IotHubCommandsTest {
  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(args);
  }

  private int runIotHub(String... args) {
    List<String> all = new ArrayList<>(List.of("iothub"));
    all.addAll(List.of(args));
    all.addAll(List.of("--dir", directory.toString()));
    return run(all.toArray(String[]::new));
  }

  private IotHub hub() {
    return IotHub.start(IotHubOptions.of(directory).withFreePorts());
  }

  private static List<String> messages(IotHub hub, String device) {
    Partition partition = hub.eventHubs().getFirst().partitionForKey(device);
    return partition.read(0, 100, 1 << 20).stream()
        .map(StoredEvent::message)
        .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1))
        .toList();
  }

  @Test
  void devicesAreAddedListedAndRemovedWhileTheHubRuns() {
    try (IotHub hub = hub()) {
      assertThat(runIotHub("device", "add", "d1")).as(err.toString()).isZero();
      assertThat(hub.devices().find("d1")).isNotNull();
      assertThat(out)
          .asString()
          .contains(
              "HostName=localhost;DeviceId=d1;SharedAccessKey=",
              "mosquitto_pub -h localhost -p %d -i d1".formatted(hub.mqttPort()));

      assertThat(runIotHub("device", "list")).isZero();
      assertThat(out).asString().contains("DEVICE", "d1");

      assertThat(runIotHub("device", "remove", "d1")).isZero();
      assertThat(hub.devices().find("d1")).isNull();
    }
  }

  @Test
  void aTokenIsPrintedAlone() {
    runIotHub("device", "add", "d1");
    out.getBuffer().setLength(0);

    assertThat(runIotHub("device", "token", "d1", "--valid-for", "5m")).isZero();

    SasToken token = SasToken.parse(out.toString().strip());
    assertThat(token.resource()).isEqualTo("localhost/devices/d1");
  }

  @Test
  void aDeviceThatExistsOrDoesNotIsAnErrorInOneMessage() {
    runIotHub("device", "add", "d1");

    assertThat(runIotHub("device", "add", "d1")).isEqualTo(1);
    assertThat(err).asString().startsWith("perdure: There is a device 'd1' already.");
    assertThat(runIotHub("device", "token", "d2")).isEqualTo(1);
    assertThat(runIotHub("device", "remove", "d2")).isEqualTo(1);
    assertThat(err).asString().contains("There is no device 'd2'").doesNotContain("\tat ");
  }

  @Test
  void anIdThatCannotBeOneIsWrongUsage() {
    assertThat(runIotHub("device", "add", "with space")).isEqualTo(2);
    assertThat(err).asString().contains("The device id is 'with space'");
  }

  @Test
  void messagesAreSentAsADevice() {
    try (IotHub hub = hub()) {
      runIotHub("device", "add", "d1");

      assertThat(
              runIotHub(
                  "send",
                  "--device",
                  "d1",
                  "--count",
                  "3",
                  "--property",
                  "a b=c/d",
                  "--property",
                  "$.ct=application/json",
                  "{\"temperature\":21}"))
          .as(err.toString())
          .isZero();

      assertThat(out).asString().contains("Sent 3 messages.");
      assertThat(messages(hub, "d1"))
          .hasSize(3)
          .allSatisfy(
              message ->
                  assertThat(message)
                      .contains("a b", "c/d", "application/json")
                      .endsWith("{\"temperature\":21}"));
    }
  }

  @Test
  void messagesAreSentToADevice() {
    try (IotHub hub = hub()) {
      runIotHub("device", "add", "d1");

      assertThat(runIotHub("send", "--to-device", "d1", "--property", "a=b", "hello"))
          .as(err.toString())
          .isZero();

      assertThat(hub.deviceMessages().waitingFor("d1", hub.devices().find("d1").generationId()))
          .singleElement()
          .satisfies(
              message -> assertThat(new String(message.payload(), UTF_8)).isEqualTo("hello"));
      assertThat(runIotHub("send", "hello")).isEqualTo(2);
    }
  }

  @Test
  void sendingToAHubThatDoesNotRunIsAnErrorInOneMessage() {
    runIotHub("device", "add", "d1");

    assertThat(runIotHub("send", "--device", "d1", "--mqtt-port", "1", "x")).isEqualTo(1);
    assertThat(err)
        .asString()
        .contains("perdure: A device could not connect to localhost:1")
        .doesNotContain("\tat ");
  }

  @Test
  void devicesAreSimulated() {
    try (IotHub hub = hub()) {
      assertThat(runIotHub("simulate", "--devices", "3", "--rate", "0", "--count", "30"))
          .as(err.toString())
          .isZero();

      assertThat(out).asString().contains("30 sent, 30 acknowledged");
      assertThat(hub.devices().list()).hasSize(3);
      assertThat(messages(hub, "sim-0001")).isNotEmpty();
    }
  }

  @Test
  void aHubThatCannotBeStartedIsAnErrorInOneMessage() {
    try (IotHub hub = hub()) {
      assertThat(runIotHub("--mqtt-port", "0", "--amqp-port", "0")).isEqualTo(1);
      assertThat(err).asString().contains("is in use by another hub").doesNotContain("\tat ");
      assertThat(
              run(
                  "iothub",
                  "--dir",
                  directory.resolve("other").toString(),
                  "--mqtt-port",
                  Integer.toString(hub.mqttPort()),
                  "--amqp-port",
                  "0"))
          .isEqualTo(1);
      assertThat(err)
          .asString()
          .contains("The port %d for MQTT on 127.0.0.1 is taken.".formatted(hub.mqttPort()));
    }
  }

  @Test
  void wrongOptionsAreWrongUsage() {
    assertThat(runIotHub("--partitions", "33")).isEqualTo(2);
    assertThat(runIotHub("--retention", "8d")).isEqualTo(2);
    assertThat(runIotHub("--tls-key", "key.pem")).isEqualTo(2);
    assertThat(runIotHub("--hub", "a/b")).isEqualTo(2);
    assertThat(runIotHub("simulate", "--devices", "0")).isEqualTo(2);
    assertThat(runIotHub("device")).isEqualTo(2);
    assertThat(err)
        .asString()
        .contains("33 partitions", "use a second to seven days", "both --tls-certificate");
  }

  /** A zero would else be taken for what is not said: no limit, or as many as usual. */
  @Test
  void zerosAreWrongUsage() {
    assertThat(runIotHub("--partitions", "0")).isEqualTo(2);
    assertThat(runIotHub("--retention-mb", "0")).isEqualTo(2);
    assertThat(runIotHub("simulate", "--duration", "0s")).isEqualTo(2);
    assertThat(runIotHub("simulate", "--count", "0")).isEqualTo(2);
    assertThat(runIotHub("device", "token", "d1", "--valid-for", "0s")).isEqualTo(2);
    assertThat(err)
        .asString()
        .contains(
            "--partitions is 0",
            "--retention-mb is 0",
            "--duration is zero",
            "--count is 0",
            "--valid-for is zero");
  }

  @Test
  void devicesOfADirectoryThatIsNotThereAreNotListed() {
    assertThat(run("iothub", "device", "list", "--dir", directory.resolve("typo").toString()))
        .isEqualTo(1);
    assertThat(err).asString().contains("typo", "there is no IoT hub here");
    assertThat(directory.resolve("typo")).doesNotExist();
  }

  @Test
  void theHubRunsInAProcessOfItsOwnAndStopsWhenAsked() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "iothub",
                "--dir",
                directory.toString(),
                "--mqtt-port",
                "0",
                "--amqp-port",
                "0",
                "--event-hub",
                "orders")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines = process.inputReader()) {
      assertThat(lines.readLine()).startsWith("IoT hub 'iothub' is ready: MQTT on 127.0.0.1:");
      List<String> connectionStrings = new ArrayList<>();
      String line;
      while ((line = lines.readLine()) != null && !line.startsWith("To send")) {
        if (line.contains("Endpoint=")) {
          connectionStrings.add(line.strip());
        }
      }
      assertThat(connectionStrings)
          .hasSize(2)
          .allSatisfy(
              text ->
                  assertThat(text)
                      .startsWith("Endpoint=sb://localhost:")
                      .contains("UseDevelopmentEmulator=true;EntityPath="));

      assertThat(runIotHub("device", "add", "d1")).isZero();
      assertThat(runIotHub("send", "--device", "d1", "x")).as(err.toString()).isZero();
    } finally {
      process.toHandle().destroy();
    }
    assertThat(process.waitFor()).isEqualTo(143);
    try (IotHub hub = hub()) {
      assertThat(messages(hub, "d1")).hasSize(1);
    }
  }
}
