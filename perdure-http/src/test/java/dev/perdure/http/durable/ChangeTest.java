package dev.perdure.http.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.OrchestrationStatus;
import java.net.http.HttpRequest.BodyPublishers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events, and what operators do to an instance. */
class ChangeTest {
  private static final String FAILURE = "Something went wrong while processing your request";

  private final ApiFixture api = new ApiFixture();

  @BeforeEach
  void start() {
    api.begun(api.start("Wait", "w", "1"));
    api.start("Echo", "done", "1");
    api.ended("done");
  }

  @AfterEach
  void close() {
    api.close();
  }

  // ---- events -------------------------------------------------------------------------------

  @Test
  void anEventReachesItsInstance() {
    api.postJson("instances/w/raiseevent/GO", "{\"yes\": true}").isEmpty(202);
    assertThat(api.ended("w").serializedOutput().text()).isEqualTo("{\"yes\":true}");
  }

  @Test
  void itMayComeBeforeItIsAwaitedAndToASuspendedInstance() {
    api.post("instances/w/suspend").isEmpty(202);
    api.postJson("instances/w/raiseEvent/go", "5").isEmpty(202);
    api.post("instances/w/resume").isEmpty(202);
    assertThat(api.ended("w").serializedOutput().text()).isEqualTo("5");
  }

  @Test
  void onlyJsonIsTaken() {
    api.send(
            api.to("instances/w/raiseEvent/go")
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("1")))
        .isBrief(400, "Only application/json request content is supported");
    api.post("instances/w/raiseEvent/go")
        .isBrief(400, "Only application/json request content is supported");
    api.postJson("instances/w/raiseEvent/go", "").isBrief(400, "Invalid JSON content");
    api.postJson("instances/w/raiseEvent/go", "{\"a\"").isBrief(400, "Invalid JSON content");
    api.send(
            api.to("instances/w/raiseEvent/go")
                .header("Content-Type", "application/json; charset=utf-8")
                .POST(BodyPublishers.ofString("1")))
        .isEmpty(202);
  }

  @Test
  void aNameThatCannotBeOneIsRefused() {
    api.postJson("instances/w/raiseEvent/a%0Ab", "1")
        .isFull(400, "One or more of the arguments submitted is incorrect", "control character");
  }

  // ---- all of them --------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"raiseEvent/go", "terminate", "suspend", "resume", "rewind"})
  void anInstanceThatDoesNotExistIsNotFound(String operation) {
    api.postJson("instances/none/" + operation, "1").isEmpty(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"raiseEvent/go", "terminate", "suspend", "resume", "rewind"})
  void oneThatHasEndedIsGone(String operation) {
    api.postJson("instances/done/" + operation, "1").isEmpty(410);
  }

  // ---- operators ----------------------------------------------------------------------------

  @Test
  void theReasonOfATerminationIsTheOutput() {
    api.send(
            api.to("instances/w/TERMINATE?reason=no+more")
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("any text")))
        .isEmpty(202);
    assertThat(api.ended("w").status()).isEqualTo(OrchestrationStatus.TERMINATED);
    assertThat(api.ended("w").serializedOutput().text()).isEqualTo("no more");
  }

  @Test
  void withoutAReasonThereIsNoOutput() {
    api.post("instances/w/terminate").isEmpty(202);
    assertThat(api.get("instances/w").json().get("output").isNull()).isTrue();
  }

  @Test
  void whatIsSuspendedCannotBeSuspendedAgain() {
    api.post("instances/w/suspend?reason=a").isEmpty(202);
    api.post("instances/w/suspend?reason=a")
        .isFull(500, FAILURE, "PD-1008: Instance 'w' is suspended already");
    api.post("instances/w/resume").isEmpty(202);
    api.post("instances/w/resume").isFull(500, FAILURE, "PD-1008: Instance 'w' is not suspended");
    assertThat(api.get("instances/w").json().get("runtimeStatus").asString()).isEqualTo("Running");
  }

  @Test
  void aFailedInstanceCanBeRewound() {
    api.start("Fragile", "f", "1");
    api.ended("f");
    api.broken.set(false);
    api.post("instances/f/rewind?reason=mended").isEmpty(202);
    assertThat(api.ended("f").serializedOutput().text()).isEqualTo("\"whole\"");
    assertThat(api.get("instances/f?showHistory=true").body()).contains("ExecutionRewound");
  }

  @Test
  void oneThatRunsCannotBeRewound() {
    api.post("instances/w/rewind")
        .isFull(
            412,
            "The status of the instance does not allow this",
            "PD-1008: Instance 'w' is Running. Only");
  }
}
