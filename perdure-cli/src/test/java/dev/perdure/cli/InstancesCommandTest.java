package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.cli.OperatedHub.Place;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What operators do with orchestrations is the same at a server and in a hub that is closed. */
@ParameterizedClass(name = "{0}")
@EnumSource
class InstancesCommandTest {
  @Parameter Place place;

  @TempDir Path temporary;

  private OperatedHub hub;

  @BeforeEach
  void makeAHub() {
    hub = new OperatedHub(temporary, place);
  }

  @AfterEach
  void closeIt() {
    hub.close();
  }

  // ---- looking --------------------------------------------------------------------------------

  @Test
  void listIsATableForPeopleWithoutPayloads() {
    assertThat(hub.run("instances", "list")).as(hub::err).isZero();
    assertThat(hub.out().lines().map(line -> line.replaceAll(" .*", "")))
        .containsExactlyInAnyOrder("INSTANCE", "greeted", "unlucky", "ended", "order-7");
    assertThat(hub.out())
        .containsPattern("order-7 +approval +Running +\\d{4}-\\d\\d-\\d\\dT[\\d:]+Z +\\S+")
        .doesNotContain("bicycle", "Ada", "counter");
    assertThat(hub.err()).isEmpty();
  }

  @Test
  void listIsJsonForProgramsWithoutInputsAndOutputs() {
    assertThat(hub.run("instances", "list", "--json")).isZero();
    assertThat(hub.json()).hasSize(4);
    assertThat(hub.json().findValuesAsString("runtimeStatus"))
        .containsExactlyInAnyOrder("Completed", "Failed", "Terminated", "Running");
    assertThat(hub.json().findValue("customStatus")).isNotNull();
    assertThat(hub.json().findValue("input")).isNull();
    assertThat(hub.json().findValue("output")).isNull();
  }

  @Test
  void listIsNarrowedByStatusNamePrefixAndTime() {
    assertThat(listed("--status", "completed,FAILED")).isEqualTo("greeted unlucky");
    assertThat(listed("--name", "approval")).isEqualTo("ended order-7");
    assertThat(listed("--name", "approval", "--status", "running")).isEqualTo("order-7");
    assertThat(listed("--prefix", "order-")).isEqualTo("order-7");
    assertThat(listed("--created-after", "1h")).isEqualTo("ended greeted order-7 unlucky");
    assertThat(listed("--created-before", "1h")).isEmpty();
    assertThat(listed("--created-before", "2100-01-01", "--created-after", "2020-01-01T00:00:00Z"))
        .isEqualTo("ended greeted order-7 unlucky");
  }

  private String listed(String... filter) {
    String[] arguments = new String[filter.length + 3];
    System.arraycopy(new String[] {"instances", "list", "--json"}, 0, arguments, 0, 3);
    System.arraycopy(filter, 0, arguments, 3, filter.length);
    assertThat(hub.run(arguments)).as(hub::err).isZero();
    return String.join(" ", hub.json().findValuesAsString("instanceId").stream().sorted().toList());
  }

  @Test
  void listSaysThatThereAreMoreThanItShows() {
    assertThat(hub.run("instances", "list", "--top", "3", "--json")).isZero();
    assertThat(hub.json()).hasSize(3);
    assertThat(hub.err()).contains("There are more than these 3", "--top");
    assertThat(hub.run("instances", "list", "--top", "4")).isZero();
    assertThat(hub.err()).isEmpty();
    assertThat(hub.run("instances", "list", "--top", "0")).isEqualTo(2);
    assertThat(hub.err()).contains("--top is 0");
  }

  @Test
  void showTellsTheSizesOfPayloadsAndTheirContentOnRequest() {
    assertThat(hub.run("instances", "show", "greeted")).isZero();
    assertThat(hub.out())
        .contains("name      greet\n", "status    Completed\n", "input     5 bytes of JSON")
        .doesNotContain("Ada");
    assertThat(hub.run("instances", "show", "greeted", "--input", "--output")).isZero();
    assertThat(hub.out()).contains("input     \"Ada\"\n", "output    \"Hello, Ada!\"\n");
    assertThat(hub.run("instances", "show", "greeted", "--json")).isZero();
    assertThat(hub.json().at("/output").asString()).isEqualTo("Hello, Ada!");
  }

  @Test
  void showTellsWhyOneFailedAndWhatOneSaysOfItself() {
    assertThat(hub.run("instances", "show", "unlucky")).isZero();
    assertThat(hub.out()).containsPattern("failure +.*there is no tea left");
    assertThat(hub.run("instances", "show", "order-7")).isZero();
    assertThat(hub.out()).containsPattern("custom status +waits for approval");
    assertThat(hub.run("instances", "show", "ended", "--output")).isZero();
    assertThat(hub.out()).containsPattern("output +\"not wanted\"");
  }

  @Test
  void historyIsATableWithoutPayloadsAndJsonWithThem() {
    assertThat(hub.run("instances", "history", "unlucky")).isZero();
    assertThat(hub.out())
        .containsPattern("Z +ExecutionStarted +pick")
        .containsPattern("Z +TaskFailed +reserve there is no tea left")
        .containsPattern("Z +ExecutionCompleted +Failed");
    assertThat(hub.run("instances", "history", "greeted", "--json")).isZero();
    assertThat(hub.json().at("/0/Input").asString()).isEqualTo("Ada");
    assertThat(hub.json().findValue("Result").asString()).isEqualTo("Hello, Ada!");
  }

  // ---- changing -------------------------------------------------------------------------------

  @Test
  void aStartedInstanceRunsWhenAProgramHasItsCode() throws IOException {
    assertThat(hub.run("instances", "start", "greet", "--id", "new", "--input", "\"Grace\""))
        .isZero();
    assertThat(hub.out()).isEqualTo("new\n");
    Path input = Files.writeString(temporary.resolve("input.json"), " \"Alan\"\n");
    assertThat(hub.run("instances", "start", "greet", "--input-file", input.toString())).isZero();
    String fromFile = hub.out().strip();
    assertThat(hub.runAndType("\"Edsger\"", "instances", "start", "greet", "--input-file", "-"))
        .isZero();
    String typed = hub.out().strip();
    assertThat(hub.run("instances", "show", "new")).isZero();
    assertThat(hub.out()).contains("Pending");
    hub.withFunctions(
        false,
        client -> {
          assertThat(client.waitForCompletion("new", OperatedHub.PATIENCE).output(String.class))
              .isEqualTo("Hello, Grace!");
          assertThat(client.waitForCompletion(fromFile, OperatedHub.PATIENCE).output(String.class))
              .isEqualTo("Hello, Alan!");
          assertThat(client.waitForCompletion(typed, OperatedHub.PATIENCE).output(String.class))
              .isEqualTo("Hello, Edsger!");
        });
  }

  @Test
  void anIdInUseIsRefusedAndOneThatHasEndedIsReplaced() {
    assertThat(hub.run("instances", "start", "greet", "--id", "order-7")).isEqualTo(1);
    assertThat(hub.err()).startsWith("perdure: PD-1007").contains("'order-7'", "Running");
    assertThat(hub.run("instances", "start", "greet", "--id", "ended", "--json")).isZero();
    assertThat(hub.json().at("/id").asString()).isEqualTo("ended");
    assertThat(listed("--status", "pending")).isEqualTo("ended");
  }

  @Test
  void whatIsNotJsonIsRefusedBeforeAnythingIsSent() throws IOException {
    assertThat(hub.run("instances", "start", "greet", "--id", "new", "--input", "Grace"))
        .isEqualTo(2);
    assertThat(hub.err())
        .contains("--input is not JSON: line 1, column", "double quotes", "Nothing was sent");
    assertThat(hub.run("instances", "start", "greet", "--id", "new", "--input", "{} {}"))
        .isEqualTo(2);
    assertThat(hub.run("instances", "start", "greet", "--id", "new", "--input", "")).isEqualTo(2);
    assertThat(hub.err()).contains("there is no value");
    Path input = Files.writeString(temporary.resolve("input.json"), "{\n  \"name\": \n}");
    assertThat(
            hub.run("instances", "start", "greet", "--id", "new", "--input-file", input.toString()))
        .isEqualTo(2);
    assertThat(hub.err()).contains("--input-file is not JSON: line 3");
    Files.write(input, "\"Zürich\"".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(
            hub.run("instances", "start", "greet", "--id", "new", "--input-file", input.toString()))
        .isEqualTo(2);
    assertThat(hub.err()).contains("--input-file is not UTF-8");
    assertThat(hub.run("instances", "raise-event", "order-7", "approved", "--data", "[1,"))
        .isEqualTo(2);
    assertThat(hub.err()).contains("--data is not JSON");
    assertThat(listed("--prefix", "new")).isEmpty();
    assertThat(hub.run("instances", "show", "order-7")).isZero();
    assertThat(hub.out()).contains("Running");
  }

  @Test
  void aRaisedEventReachesTheInstance() {
    assertThat(hub.run("instances", "raise-event", "order-7", "approved", "--data", "\"Ada\""))
        .isZero();
    assertThat(hub.out()).isEqualTo("Event 'approved' was raised to 'order-7'.\n");
    hub.withFunctions(
        false,
        client ->
            assertThat(
                    client.waitForCompletion("order-7", OperatedHub.PATIENCE).output(String.class))
                .isEqualTo("approved by Ada"));
  }

  @Test
  void aSuspendedInstanceStaysSoUntilItIsResumed() {
    assertThat(hub.run("instances", "suspend", "order-7", "--reason", "lunch")).isZero();
    assertThat(hub.out()).isEqualTo("Instance 'order-7' is suspended.\n");
    assertThat(hub.run("instances", "suspend", "order-7")).isEqualTo(1);
    assertThat(hub.err()).contains("is suspended already");
    assertThat(listed("--status", "suspended")).isEqualTo("order-7");
    assertThat(hub.run("instances", "resume", "order-7")).isZero();
    assertThat(hub.run("instances", "resume", "order-7")).isEqualTo(1);
    assertThat(hub.err()).contains("is not suspended");
    hub.withFunctions(
        false,
        client -> {
          assertThat(client.status("order-7").orElseThrow().status())
              .isEqualTo(OrchestrationStatus.RUNNING);
          assertThat(client.history("order-7"))
              .anyMatch(e -> e instanceof ExecutionSuspended s && "lunch".equals(s.reason()));
        });
  }

  @Test
  void theReasonOfATerminationIsTheOutput() {
    assertThat(hub.run("instances", "terminate", "order-7", "--reason", "out of \"tea\"", "--json"))
        .isZero();
    assertThat(hub.json().at("/instanceId").asString()).isEqualTo("order-7");
    assertThat(hub.run("instances", "show", "order-7", "--json")).isZero();
    assertThat(hub.json().at("/output").asString()).isEqualTo("out of \"tea\"");
    hub.withFunctions(
        false,
        client ->
            assertThat(client.status("order-7").orElseThrow().output(String.class))
                .isEqualTo("out of \"tea\""));
  }

  @Test
  void oneThatFailedIsRewound() {
    assertThat(hub.run("instances", "rewind", "unlucky", "--reason", "tea has come")).isZero();
    assertThat(hub.out()).isEqualTo("Instance 'unlucky' is rewound.\n");
    assertThat(hub.run("instances", "rewind", "order-7")).isEqualTo(1);
    assertThat(hub.err()).contains("Only one that has failed can be rewound");
    hub.withFunctions(
        true,
        client ->
            assertThat(
                    client.waitForCompletion("unlucky", OperatedHub.PATIENCE).output(String.class))
                .isEqualTo("tea"));
  }

  @Test
  void restartReplacesAnInstanceOrStartsAnother() {
    assertThat(hub.run("instances", "restart", "unlucky")).isZero();
    assertThat(hub.out()).isEqualTo("unlucky\n");
    assertThat(hub.run("instances", "restart", "greeted", "--new-id")).isZero();
    String another = hub.out().strip();
    assertThat(hub.run("instances", "restart", "order-7")).isEqualTo(1);
    assertThat(hub.err()).contains("cannot be restarted under its own id");
    hub.withFunctions(
        true,
        client -> {
          assertThat(client.waitForCompletion("unlucky", OperatedHub.PATIENCE).status())
              .isEqualTo(OrchestrationStatus.COMPLETED);
          assertThat(client.waitForCompletion(another, OperatedHub.PATIENCE).output(String.class))
              .isEqualTo("Hello, Ada!");
        });
  }

  @Test
  void whatIsNotThereOrHasEndedCannotBeChanged() {
    String[][] commands = {
      {"show"},
      {"history"},
      {"raise-event", "approved"},
      {"suspend"},
      {"resume"},
      {"terminate"},
      {"rewind"},
      {"restart"},
      {"purge"}
    };
    for (String[] command : commands) {
      String event = command.length == 2 ? command[1] : "--json";
      assertThat(hub.run("instances", command[0], "nobody", event)).isEqualTo(1);
      assertThat(hub.err()).startsWith("perdure: PD-1006: There is no instance 'nobody' ");
    }
    for (String[] command : new String[][] {{"raise-event", "approved"}, {"suspend"}, {"resume"}}) {
      String event = command.length == 2 ? command[1] : "--json";
      assertThat(hub.run("instances", command[0], "greeted", event)).isEqualTo(1);
      assertThat(hub.err())
          .startsWith("perdure: PD-1008: Instance 'greeted' has ended (Completed)");
    }
  }

  // ---- purging --------------------------------------------------------------------------------

  @Test
  void whatNoFunctionCanBeCalledIsNotStarted() {
    assertThat(hub.run("instances", "start", "gre\u0007et")).isEqualTo(1);
    assertThat(hub.err())
        .startsWith("perdure: The name of the function has a control character (U+0007)")
        .doesNotContain("\u0007");
    assertThat(listed()).isEqualTo("ended greeted order-7 unlucky");
  }

  @Test
  void oneThatHasEndedIsPurgedAndOneThatGoesOnIsNot() {
    assertThat(hub.run("instances", "purge", "greeted")).isZero();
    assertThat(hub.out()).isEqualTo("Instance 'greeted' is purged.\n");
    assertThat(hub.run("instances", "purge", "order-7")).isEqualTo(1);
    assertThat(hub.err()).contains("PD-1008", "'order-7' is Running and was not purged");
    assertThat(listed()).isEqualTo("ended order-7 unlucky");
  }

  @Test
  void manyArePurgedWhenTheOperatorSaysSo() {
    assertThat(hub.runAndType("n\n", "instances", "purge", "--status", "completed,failed"))
        .isEqualTo(1);
    assertThat(hub.err()).contains("This removes 2 orchestrations", "Nothing was purged");
    assertThat(hub.runAndType("", "instances", "purge", "--created-after", "1h")).isEqualTo(1);
    assertThat(hub.err()).contains("This removes 3 orchestrations", "Nothing was purged");
    assertThat(listed()).isEqualTo("ended greeted order-7 unlucky");

    assertThat(hub.runAndType("y\n", "instances", "purge", "--status", "completed")).isZero();
    assertThat(hub.err()).contains("This removes one orchestration");
    assertThat(hub.out()).isEqualTo("1 purged.\n");
    assertThat(hub.run("instances", "purge", "--created-before", "2100-01-01", "--yes", "--json"))
        .isZero();
    assertThat(hub.json().at("/purged").asInt()).isEqualTo(2);
    assertThat(listed()).isEqualTo("order-7");
    assertThat(hub.run("instances", "purge", "--created-before", "2100-01-01")).isZero();
    assertThat(hub.out()).isEqualTo("0 purged.\n");
  }

  @Test
  void purgeNeedsToKnowWhat() {
    assertThat(hub.run("instances", "purge", "--yes")).isEqualTo(2);
    assertThat(hub.err()).contains("Say what is to be purged");
    assertThat(hub.run("instances", "purge", "greeted", "--status", "failed")).isEqualTo(2);
    assertThat(hub.err()).contains("Either an id is purged, or");
    assertThat(hub.run("instances", "purge", "--status", "running")).isEqualTo(2);
    assertThat(hub.err()).contains("What is Running has not ended");
  }
}
