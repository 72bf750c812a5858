package dev.perdure.functionstests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.OrchestrationStatus;
import dev.perdure.functions.host.AppLoader;
import dev.perdure.functions.host.FunctionsHost;
import dev.perdure.functions.host.HostOptions;
import dev.perdure.functions.host.HostedFunction;
import dev.perdure.functions.host.HostedFunction.State;
import dev.perdure.iothub.IotHub;
import dev.perdure.iothub.IotHubOptions;
import dev.perdure.iothub.simulator.MqttTarget;
import dev.perdure.iothub.simulator.Simulation;
import dev.perdure.iothub.simulator.SimulationOptions;
import dev.perdure.testing.LivenessAudit;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example app, which knows nothing of Perdure, in a host in this process. */
class ExampleAppTest {
  static final Path EXAMPLE = Path.of(System.getProperty("perdure.example"));
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path data;
  private AppLoader.Loaded app;
  private FunctionsHost host;
  private IotHub hub;
  private Http http;

  @BeforeEach
  void start() {
    hub = IotHub.start(IotHubOptions.of(data.resolve("hub")).withFreePorts());
    app =
        AppLoader.load(
            EXAMPLE,
            true,
            null,
            Map.of("IoTHubConnectionString", hub.connectionString()),
            note -> {});
    host = FunctionsHost.start(app.app(), HostOptions.of(data).withPorts(0, 0, true));
    http = new Http(host.httpPort());
  }

  @AfterEach
  void close() {
    LivenessAudit.of(host.client()).close();
    host.close();
    app.close();
    hub.close();
  }

  private String output(String id) {
    return host.client().waitForCompletion(id, PATIENCE).serializedOutput().text();
  }

  private State state(String function) {
    return host.functions().stream()
        .filter(f -> f.name().equals(function))
        .map(HostedFunction::state)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void allFunctionsAreThere() {
    assertThat(state("http_start")).isEqualTo(State.READY);
    assertThat(state("BlobJobOrchestrator")).isEqualTo(State.READY);
    assertThat(state("Heartbeat")).isEqualTo(State.READY);
    assertThat(state("IoTHub_Trigger")).isEqualTo(State.READY);
    assertThat(state("ToDoTrigger")).isEqualTo(State.DISABLED);
  }

  @Test
  void anOrchestrationIsStartedOverHttpAndItsStatusIsRead() {
    HttpResponse<String> started = http.post("/api/orchestrators/BlobJobOrchestrator", "hello");
    assertThat(started.statusCode()).as(started.body()).isEqualTo(202);
    String location = Http.location(started);
    String id = location.replaceAll(".*/instances/([^?]+).*", "$1");
    assertThat(output(id)).isEqualTo("\"BlobJobActivity1: hello\"");
    HttpResponse<String> status = http.get(location);
    assertThat(status.statusCode()).isEqualTo(200);
    assertThat(status.body())
        .contains("\"runtimeStatus\":\"Completed\"")
        .contains("\"output\":\"BlobJobActivity1: hello\"");
  }

  @Test
  void whoeverWaitsGetsTheOutputItself() {
    HttpResponse<String> answer = http.post("/api/job", "quick");
    assertThat(answer.statusCode()).isEqualTo(202); // so the library has it
    assertThat(answer.body()).isEqualTo("\"BlobJobActivity1: quick\"");
    assertThat(answer.headers().firstValue("content-type").orElseThrow())
        .startsWith("application/json");
  }

  @Test
  void otherNamesAreRefused() {
    HttpResponse<String> refused = http.post("/api/orchestrators/Unknown", "hello");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).isEqualTo("Invalid function name");
  }

  @Test
  void aDocumentIsReadBySeveralActivitiesAtOnce() throws Exception {
    String letter = Files.readString(EXAMPLE.resolve("documents/letter.txt"));
    assertThat(output(http.start("ai_document_orchestrator", letter)))
        .contains("\"kind\":\"letter\"")
        .contains("\"tone\":\"positive\"")
        .contains("ada@engines.example");
  }

  @Test
  void aHumanApproves() {
    String id = http.start("approval_orchestrator", "{\"subject\":\"a new engine\"}");
    assertThat(host.client().waitForStart(id, PATIENCE).status())
        .isEqualTo(OrchestrationStatus.RUNNING);
    assertThat(host.client().explain(id).codeLocation())
        .startsWith("com.example.functions.Approval.")
        .contains("(Approval.java:");
    assertThat(http.postJson(Http.instance(id) + "/raiseEvent/Approval", "true").statusCode())
        .isEqualTo(202);
    assertThat(output(id))
        .contains("\"outcome\":\"approved\"")
        .contains("BlobJobActivity1: a new engine");
  }

  @Test
  void aHumanDoesNotAnswer() {
    String id = http.start("approval_orchestrator", "{\"subject\":\"x\",\"seconds\":1}");
    assertThat(output(id)).contains("\"outcome\":\"timed out\"");
  }

  @Test
  void aWrongInputFailsTheOrchestrationAndSaysWhy() {
    String id = http.start("approval_orchestrator", "{\"seconds\":1}");
    assertThat(host.client().waitForCompletion(id, PATIENCE).status())
        .isEqualTo(OrchestrationStatus.FAILED);
    assertThat(http.get(Http.instance(id)).body()).contains("there must be a subject");
  }

  @Test
  void aMessageOfADeviceIsGivenByHand() throws Exception {
    HttpResponse<String> taken =
        http.postJson("/admin/functions/IoTHub_Trigger", "{\"input\":\"21 degrees\"}");
    assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);
    http.await(Http.instance(""), "BlobJobActivity1: 21 degrees");
  }

  @Test
  void aMessageOfADeviceStartsTheJob() throws Exception {
    try (Simulation thermometer =
        Simulation.start(
            SimulationOptions.of(new MqttTarget("localhost", hub.mqttPort()))
                .withMessagesMax(1)
                .withTelemetry((id, number) -> "22 degrees".getBytes(StandardCharsets.UTF_8)),
            List.of(hub.devices().add("thermometer")))) {
      assertThat(thermometer.awaitEnd(PATIENCE)).isNotNull();
    }
    http.await(Http.instance(""), "BlobJobActivity1: 22 degrees");
  }

  @Test
  void functionsShareOneConnectionToTheirHost() {
    for (int i = 0; i < 20; i++) {
      String unused = http.start("BlobJobOrchestrator", "job " + i);
    }
    Map<?, ?> hosts = (Map<?, ?>) System.getProperties().get("perdure.functions.hosts");
    assertThat((Collection<?>) hosts.get(host.grpcPort())).hasSize(1);
  }

  @Test
  void theClientOfTheHostStartsFunctionsOfTheAppByName() {
    String id = host.client().startNew("BlobJobOrchestrator", "from Perdure");
    assertThat(output(id)).isEqualTo("\"BlobJobActivity1: from Perdure\"");
  }

  @Test
  void whatWaitsGoesOnWhenTheAppIsStartedAgain() {
    String id = http.start("approval_orchestrator", "{\"subject\":\"later\"}");
    host.client().waitForStart(id, PATIENCE);
    close();
    start();
    assertThat(http.postJson(Http.instance(id) + "/raiseEvent/Approval", "false").statusCode())
        .isEqualTo(202);
    assertThat(output(id)).contains("\"outcome\":\"rejected\"");
  }
}
