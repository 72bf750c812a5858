package dev.perdure.functionstests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.iothub.IotHub;
import dev.perdure.iothub.IotHubOptions;
import dev.perdure.iothub.simulator.MqttTarget;
import dev.perdure.iothub.simulator.Progress;
import dev.perdure.iothub.simulator.Simulation;
import dev.perdure.iothub.simulator.SimulationOptions;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The main job: a device says something, and the example does its job for it. */
class DeviceMessagesTest {
  private static final int DEVICES = 100;
  private static final int MESSAGES = 10_000;
  private static final double RATE = 2_000;
  private static final Pattern OUTPUT =
      Pattern.compile("\"BlobJobActivity1: (sim-[0-9]+ [0-9]+)\"");

  @TempDir Path data;
  private IotHub hub;

  @BeforeEach
  void startHub() {
    hub = IotHub.start(IotHubOptions.of(data.resolve("hub")).withFreePorts());
    hub.devices().addMissing(SimulationOptions.deviceIds(DEVICES));
  }

  @AfterEach
  void closeHub() {
    hub.close();
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void noMessageIsLostWhenTheHostIsKilledAgainAndAgain() throws Exception {
    try (Simulation devices = send()) {
      for (int part = 1; part <= 3; part++) {
        try (HostProcess host = startHost()) {
          awaitAcknowledged(devices, part * MESSAGES / 4);
        } // killed
      }
      try (HostProcess host = startHost()) {
        Progress progress = devices.awaitEnd(Duration.ofMinutes(2));
        assertThat(progress).isNotNull();
        assertThat(progress.acknowledged()).isEqualTo(MESSAGES);
        Http http = new Http(host.port());
        long deadline = System.nanoTime() + Duration.ofMinutes(4).toNanos();
        Set<String> done = done(http);
        while (done.size() < MESSAGES && System.nanoTime() < deadline) {
          Thread.sleep(500); // between two questions
          done = done(http);
        }
        assertThat(done).as("messages whose job is done").hasSize(MESSAGES);
      }
    }
  }

  private Simulation send() {
    return Simulation.start(
        SimulationOptions.of(new MqttTarget("localhost", hub.mqttPort()))
            .withRate(RATE / DEVICES)
            .withMessagesMax(MESSAGES)
            .withTelemetry(
                (device, number) -> (device + " " + number).getBytes(StandardCharsets.UTF_8)),
        hub.devices().list());
  }

  private HostProcess startHost() throws Exception {
    return HostProcess.start(
        data.resolve("host"), Map.of("IoTHubConnectionString", hub.connectionString()));
  }

  private static void awaitAcknowledged(Simulation devices, long count)
      throws InterruptedException {
    while (devices.progress().acknowledged() < count) {
      Thread.sleep(5); // between two looks
    }
  }

  /** The messages for which an orchestration has completed. */
  private static Set<String> done(Http http) {
    Set<String> done = new HashSet<>();
    String token = null;
    do {
      HttpResponse<String> page =
          http.getPage(Http.instance("?runtimeStatus=Completed&top=5000"), token);
      assertThat(page.statusCode()).isEqualTo(200);
      Matcher output = OUTPUT.matcher(page.body());
      while (output.find()) {
        done.add(output.group(1));
      }
      token = page.headers().firstValue("x-ms-continuation-token").orElse(null);
    } while (token != null && !token.isEmpty());
    return done;
  }
}
