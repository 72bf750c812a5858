package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.OperatedHub.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is particular to a hub that no program has open. */
class OperationsOnAStoreTest {
  @TempDir Path temporary;

  private OperatedHub hub;

  @BeforeEach
  void makeAHub() {
    hub = new OperatedHub(temporary, Place.STORE);
  }

  @AfterEach
  void closeIt() {
    hub.close();
  }

  @Test
  void aHubThatAProgramHasOpenIsRefusedAndTheServerSuggested() {
    String store = hub.store().toString();
    hub.withFunctions(
        false,
        client -> {
          for (String[] command :
              List.of(
                  new String[] {"instances", "list", "--store", store},
                  new String[] {"instances", "terminate", "order-7", "--store", store},
                  new String[] {"entities", "list", "--store", store},
                  new String[] {"explain", "order-7", "--store", store},
                  new String[] {"history", "order-7", "--store", store},
                  new String[] {"backup", "--store", store, "--to", store + "/copy"})) {
            assertThat(hub.runAnywhere(command)).isEqualTo(1);
            assertThat(hub.err()).startsWith("perdure: PD-2001: ").contains("--server");
          }
          assertThat(client.status("order-7").orElseThrow().isTerminal()).isFalse();
        });
  }

  @Test
  void theHubIsFoundByItsOwnDirectoryOrByItsNameInThatOfAServer() {
    String own = hub.store().resolve("default").toString();
    assertThat(hub.runAnywhere("instances", "show", "greeted", "--store", own)).isZero();
    assertThat(hub.run("instances", "show", "greeted", "--hub", "DEFAULT")).isZero();
    assertThat(hub.run("instances", "list", "--hub", "orders")).isEqualTo(1);
    assertThat(hub.err()).contains("there is no hub 'orders' here; choose one of 'default'");
    assertThat(hub.runAnywhere("instances", "list", "--store", own, "--hub", "orders"))
        .isEqualTo(1);
    assertThat(hub.err()).contains("this is the directory of one hub");
    Path nothing = temporary.resolve("nothing");
    assertThat(hub.runAnywhere("instances", "list", "--store", nothing.toString())).isEqualTo(1);
    assertThat(hub.err()).contains(nothing + ": there is no hub here");
    assertThat(nothing).doesNotExist();
  }

  @Test
  void theOnlyHubThereIsNeedNotBeNamed() {
    String app = temporary.resolve("app").toString();
    String data = app + "/.perdure";
    copyTo(data + "/documentjobs");
    for (String directory : List.of(data, app)) {
      assertThat(hub.runAnywhere("instances", "show", "greeted", "--store", directory))
          .as(hub::err)
          .isZero();
      assertThat(hub.runAnywhere("explain", directory, "order-7")).as(hub::err).isZero();
      assertThat(hub.runAnywhere("history", directory, "order-7")).as(hub::err).isZero();
      assertThat(hub.runAnywhere("audit", directory)).as(hub::err).isZero();
    }
    assertThat(hub.runAnywhere("audit", app, "--hub", "orders")).isEqualTo(1);
    assertThat(hub.err()).contains("there is no hub 'orders' here; choose one of 'documentjobs'");
  }

  @Test
  void oneOfSeveralHubsIsNamedUnlessItIsTheDefaultOne() {
    String data = temporary.resolve("data").toString();
    copyTo(data + "/documentjobs");
    copyTo(data + "/other");
    assertThat(hub.runAnywhere("instances", "list", "--store", data)).isEqualTo(1);
    assertThat(hub.err())
        .contains("there is no hub 'default' here; choose one of 'documentjobs', 'other'");

    copyTo(data + "/default");
    assertThat(hub.runAnywhere("instances", "terminate", "order-7", "--store", data)).isZero();
    hub.runAnywhere("instances", "show", "order-7", "--store", data + "/default");
    assertThat(hub.out()).contains("Terminated");
    hub.runAnywhere("instances", "show", "order-7", "--store", data, "--hub", "documentjobs");
    assertThat(hub.out()).contains("Running");
  }

  private void copyTo(String directory) {
    assertThat(hub.run("backup", "--to", directory)).as(hub::err).isZero();
  }

  @Test
  void thereIsNothingToWaitFor() {
    assertThat(hub.run("instances", "wait", "order-7")).isEqualTo(2);
    assertThat(hub.err()).contains("Nothing goes on in a hub that no program has open", "--server");
  }

  @Test
  void aStoreAndAServerAtOnceAreRefused() {
    assertThat(hub.run("instances", "list", "--server", "http://localhost:7071")).isEqualTo(2);
    assertThat(hub.err()).contains("Both --server and --store are given");
    assertThat(hub.run("backup", "--to", "x", "--server", "http://localhost:7071")).isEqualTo(2);
    assertThat(hub.err()).contains("Both --server and --store are given");
  }

  @Test
  void explainLooksIntoAStoreAsWell() {
    assertThat(hub.run("explain", "order-7")).as(hub::err).isZero();
    assertThat(hub.out()).contains("waits for external event 'approved'");
    assertThat(hub.run("explain", "hub", "order-7")).isEqualTo(2);
    assertThat(hub.err()).contains("With --store there is one argument");
  }

  @Test
  void auditLooksIntoAStoreAsWell() {
    assertThat(hub.run("audit")).as(hub::err).isZero();
    assertThat(hub.out()).contains("1 orchestrations that have not ended, 1 entities");
    assertThat(hub.run("audit", "--hub", "DEFAULT", "--json")).isZero();
    assertThat(hub.json().at("/entities").asInt()).isEqualTo(1);
    assertThat(hub.run("audit", "hub")).isEqualTo(2);
    assertThat(hub.err()).contains("Both a directory and --store are given");
  }

  @Test
  void aCopyIsMadeWhereTheOperatorSays() throws Exception {
    Path copy = temporary.resolve("copy");
    assertThat(hub.run("backup", "--to", copy.toString(), "--json")).isZero();
    assertThat(hub.json().at("/directory").asString()).isEqualTo(copy.toString());
    assertThat(hub.run("instances", "terminate", "order-7")).isZero();
    assertThat(hub.runAnywhere("instances", "show", "order-7", "--store", copy.toString()))
        .isZero();
    assertThat(hub.out()).contains("Running");

    assertThat(hub.run("backup", "--to", copy.toString())).isEqualTo(1);
    assertThat(hub.err()).contains("PD-2006");
    assertThat(hub.run("backup")).isEqualTo(2);
    assertThat(hub.err()).contains("Say with --to");
    Path file = Files.writeString(temporary.resolve("file"), "");
    assertThat(hub.run("backup", "--to", file.toString())).isEqualTo(1);
  }

  @Test
  void completionIsAScriptForAllCommands() {
    assertThat(hub.runAnywhere("completion", "bash")).isZero();
    assertThat(hub.out())
        .startsWith("#!")
        .contains("_complete_perdure", "raise-event", "--created-before", "suspended");
    assertThat(hub.runAnywhere("completion", "fish")).isEqualTo(2);
    assertThat(hub.err()).contains("bash", "zsh");
  }
}
