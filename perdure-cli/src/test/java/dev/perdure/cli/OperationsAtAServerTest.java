package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.AuditReport;
import dev.perdure.api.AuditReport.Finding;
import dev.perdure.cli.OperatedHub.Place;
import dev.perdure.http.HttpServerFront;
import dev.perdure.http.HttpServerOptions;
import dev.perdure.http.Response;
import dev.perdure.http.durable.DiagnosisJson;
import dev.perdure.json.HistoryJson;
import dev.perdure.server.ServerOptions;
import dev.perdure.server.ServerOptions.HttpAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a server that runs can do, and how commands cope when it does not answer. */
class OperationsAtAServerTest {
  @TempDir Path temporary;

  private OperatedHub hub;

  @BeforeEach
  void makeAHub() {
    hub = new OperatedHub(temporary, Place.SERVER);
  }

  @AfterEach
  void closeIt() {
    hub.close();
  }

  // ---- arguments ------------------------------------------------------------------------------

  /** Such as of a variable of a script that is not set. */
  @Test
  void emptyNamesAndIdsAreUsageErrors() {
    for (String[] arguments :
        new String[][] {
          {"instances", "show", ""},
          {"instances", "start", ""},
          {"instances", "start", "greet", "--id", ""},
          {"instances", "terminate", " "},
          {"instances", "purge", ""},
          {"instances", "raise-event", "greeted", ""},
          {"instances", "wait", ""},
          {"entities", "signal", "@counter@a", ""}
        }) {
      assertThat(hub.run(arguments)).as(String.join(" ", arguments)).isEqualTo(2);
      assertThat(hub.err()).contains(" is empty.");
    }
  }

  // ---- waiting --------------------------------------------------------------------------------

  @Test
  void theExitCodeOfWaitTellsHowAnInstanceEnded() {
    assertThat(hub.run("instances", "wait", "greeted")).isZero();
    assertThat(hub.out()).isEqualTo("greeted Completed\n");
    assertThat(hub.run("instances", "wait", "unlucky")).isEqualTo(3);
    assertThat(hub.out()).startsWith("unlucky Failed: ").contains("there is no tea left");
    assertThat(hub.run("instances", "wait", "ended", "--json")).isEqualTo(4);
    assertThat(hub.json().at("/runtimeStatus").asString()).isEqualTo("Terminated");
    assertThat(hub.run("instances", "wait", "nobody")).isEqualTo(1);
    assertThat(hub.err()).contains("PD-1006");
  }

  @Test
  void waitPrintsTheOutputAlone() {
    assertThat(hub.run("instances", "wait", "greeted", "--output")).isZero();
    assertThat(hub.out()).isEqualTo("\"Hello, Ada!\"\n");
  }

  @Test
  void waitEndsAfterItsTime() {
    assertThat(hub.run("instances", "wait", "order-7", "--timeout", "20ms")).isEqualTo(5);
    assertThat(hub.err()).contains("'order-7' has not ended in time, it is Running", "explain");
    assertThat(hub.run("instances", "wait", "order-7", "--timeout", "soon")).isEqualTo(2);
    assertThat(hub.err()).contains("'soon' is no span of time");
  }

  @Test
  void whatEndsMeanwhileIsWaitedFor() throws InterruptedException {
    Thread another =
        Thread.ofVirtual().start(() -> hub.anotherOperator("instances", "terminate", "order-7"));
    assertThat(hub.run("instances", "wait", "order-7", "--timeout", "30s")).isEqualTo(4);
    another.join();
  }

  // ---- asking ---------------------------------------------------------------------------------

  @Test
  void aServerThatIsNotThereIsToldOf() {
    assertThat(hub.runAnywhere("instances", "list", "--server", "http://127.0.0.1:1")).isEqualTo(1);
    assertThat(hub.err()).contains("There is no server at http://127.0.0.1:1.", "--store");
    for (String address : List.of("localhost:7071", "http://localhost:70711")) {
      assertThat(hub.runAnywhere("instances", "list", "--server", address)).isEqualTo(2);
      assertThat(hub.err()).contains("is not the address of a server", "http://localhost:7071.");
    }
  }

  @Test
  void aHubThatIsNotThereIsToldOf() {
    assertThat(hub.run("instances", "list", "--hub", "default")).isZero();
    assertThat(hub.run("instances", "list", "--hub", "typo")).isEqualTo(1);
    assertThat(hub.err()).contains("There is no task hub 'typo'");
    assertThat(hub.run("backup", "--hub", "typo")).isEqualTo(1);
    assertThat(hub.err()).contains("There is no task hub 'typo'");
  }

  @Test
  void whatIsNoPerdureServerIsToldOf() {
    assertThat(hub.run("instances", "show", "greeted", "--hub", "../x")).isEqualTo(1);
    String elsewhere = hub.url() + "/health/live";
    assertThat(hub.runAnywhere("instances", "show", "greeted", "--server", elsewhere)).isEqualTo(1);
    assertThat(hub.err())
        .contains("answered 404, and not as the HTTP API", "Is that a Perdure server?");
  }

  @Test
  void aKeyComesFromTheServersFileOrOneOfItsOwn() throws Exception {
    Path store = temporary.resolve("protected");
    try (AuditedServer server =
        AuditedServer.start(ServerOptions.of(store).withHttpAccess(new HttpAccess(true, false)))) {
      String url = server.url();
      String keys = store.resolve("http.keys").toString();
      assertThat(hub.runAnywhere("instances", "list", "--server", url)).isEqualTo(1);
      assertThat(hub.err())
          .contains("did not let us in; give it its key with --key", "PERDURE_KEY");
      assertThat(hub.runAnywhere("instances", "list", "--server", url, "--key", keys))
          .as(hub::err)
          .isZero();
      assertThat(hub.runAnywhere("explain", "--server", url, "--key", keys, "x")).isEqualTo(1);
      assertThat(hub.err()).contains("There is no instance 'x'");

      Path wrong = Files.writeString(temporary.resolve("wrong"), "not-the-key-of-it\n");
      assertThat(hub.runAnywhere("backup", "--server", url, "--key", wrong.toString()))
          .isEqualTo(1);
      assertThat(hub.err()).contains("the key is not one of its keys");
      assertThat(store.resolve(".backups")).doesNotExist();
    }
  }

  // ---- looking --------------------------------------------------------------------------------

  @Test
  void auditAsksTheServer() {
    assertThat(hub.run("audit")).as(hub::err).isZero();
    assertThat(hub.out())
        .isEqualTo("1 orchestrations that have not ended, 1 entities: everything will be woken.\n");
    assertThat(hub.run("audit", "--json", "--hub", "DEFAULT")).as(hub::err).isZero();
    assertThat(hub.json().at("/orchestrations").asInt()).isEqualTo(1);
    assertThat(hub.json().at("/findings").isArray()).isTrue();
    assertThat(hub.run("instances", "suspend", "order-7")).isZero();
    assertThat(hub.run("audit")).isZero();
    assertThat(hub.out()).contains("note  order-7").contains("suspended");
  }

  @Test
  void auditAtAServerNeedsOneThatAnswers() {
    assertThat(hub.run("audit", "--hub", "typo")).isEqualTo(1);
    assertThat(hub.err()).contains("There is no task hub 'typo' here");
    assertThat(hub.run("audit", hub.store().toString())).isEqualTo(2);
    assertThat(hub.err()).contains("With --server there is no directory");
    assertThat(hub.runAnywhere("audit")).isEqualTo(2);
    assertThat(hub.err()).contains("The hub's directory is needed, or --server");
    assertThat(hub.runAnywhere("audit", "--server", "http://127.0.0.1:1")).isEqualTo(1);
    assertThat(hub.err()).contains("There is no server at http://127.0.0.1:1");
  }

  @Test
  void theExitCodeOfAuditTellsOfFindingsAtAServer() throws Exception {
    Finding finding = new Finding("order-7", "timer", "timer (#0) is not set", null);
    AuditReport report = new AuditReport(1, 0, List.of(finding), List.of());
    try (HttpServerFront server = answering(Response.json(200, DiagnosisJson.of(report)))) {
      String url = "http://127.0.0.1:" + server.port();
      assertThat(hub.runAnywhere("audit", "--server", url)).isEqualTo(1);
      assertThat(hub.out())
          .contains("1 findings. Nothing will wake these", "finding  order-7", "is not set");
      assertThat(hub.runAnywhere("audit", "--server", url, "--json")).isEqualTo(1);
      assertThat(hub.json().at("/findings/0/instanceId").asString()).isEqualTo("order-7");
    }
  }

  @Test
  void whatIsNoReportIsNotTakenForACleanOne() throws Exception {
    for (Response answer : List.of(Response.text(200, "fine\n"), Response.text(200, "{}"))) {
      try (HttpServerFront server = answering(answer)) {
        String url = "http://127.0.0.1:" + server.port();
        assertThat(hub.runAnywhere("audit", "--server", url)).isEqualTo(1);
        assertThat(hub.err()).contains("perdure: The answer of " + url + " is not");
      }
    }
  }

  private static HttpServerFront answering(Response answer) throws IOException {
    return HttpServerFront.start(
        HttpServerOptions.at("127.0.0.1", 0), request -> CompletableFuture.completedFuture(answer));
  }

  @Test
  void explainAnswersProgramsToo() {
    assertThat(hub.run("explain", "order-7", "--json")).as(hub::err).isZero();
    assertThat(hub.json().at("/instanceId").asString()).isEqualTo("order-7");
    assertThat(hub.json().at("/status").asString()).isEqualTo("RUNNING");
    assertThat(hub.run("explain", "nobody", "--json")).isEqualTo(1);
    assertThat(hub.err()).contains("There is no instance 'nobody'");
  }

  @Test
  void aHistoryIsPrintedAsThatOfTheStore() throws Exception {
    assertThat(hub.run("history", "order-7")).as(hub::err).isZero();
    String table = hub.out();
    assertThat(table).contains("ExecutionStarted");
    assertThat(hub.run("history", "order-7", "--json")).as(hub::err).isZero();
    String document = hub.out();
    assertThat(HistoryJson.read(document).events()).isNotEmpty();

    assertThat(hub.run("backup")).isZero();
    String copy = hub.out().strip();

    assertThat(hub.runAnywhere("history", "--store", copy, "order-7")).as(hub::err).isZero();
    assertThat(hub.out()).isEqualTo(table);
    assertThat(hub.runAnywhere("history", copy, "order-7", "--json")).as(hub::err).isZero();
    assertThat(hub.out()).isEqualTo(document);
  }

  @Test
  void aHistoryThatCannotBeHadIsToldOf() throws Exception {
    assertThat(hub.run("history", "nobody")).isEqualTo(1);
    assertThat(hub.err()).contains("There is no instance 'nobody'");
    assertThat(hub.run("history", hub.store().toString(), "order-7")).isEqualTo(2);
    assertThat(hub.err()).contains("With --server there is one argument, the instance.");
    assertThat(hub.runAnywhere("history", "order-7")).isEqualTo(2);
    assertThat(hub.err()).contains("The hub's directory and an instance are needed, or --server.");
    try (HttpServerFront server = answering(Response.text(200, "{}"))) {
      String url = "http://127.0.0.1:" + server.port();
      assertThat(hub.runAnywhere("history", "--server", url, "order-7")).isEqualTo(1);
      assertThat(hub.err()).contains("perdure: The answer of " + url + " is not");
    }
  }

  // ---- copying --------------------------------------------------------------------------------

  @Test
  void aServerCopiesAHubIntoItsOwnStore() {
    assertThat(hub.run("backup")).as(hub::err).isZero();
    Path copy = Path.of(hub.out().strip());
    assertThat(copy).startsWith(hub.store().resolve(".backups"));
    assertThat(hub.runAnywhere("instances", "list", "--store", copy.toString())).isZero();
    assertThat(hub.out()).contains("order-7");
    assertThat(hub.run("backup", "--to", temporary.resolve("x").toString())).isEqualTo(2);
    assertThat(hub.err()).contains("A server chooses by itself");
  }
}
