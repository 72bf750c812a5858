package dev.perdure.http.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.http.Access;
import dev.perdure.http.Closing;
import dev.perdure.http.Response;
import dev.perdure.http.durable.ApiFixture.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starting, also with a wait for the end, and starting anew. */
class StartTest {
  private static final String ARGUMENT = "One or more of the arguments submitted is incorrect";
  private static final String IN_USE = "The instance id is in use";

  private final ApiFixture api = new ApiFixture();

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void anIdIsMadeIfNoneIsGiven() {
    Answer answer = api.postJson("orchestrators/Echo", "{\"a\": 1}");
    assertThat(answer.status()).isEqualTo(202);
    String id = answer.json().get("id").asString();
    assertThat(id).matches("[0-9a-f]{32}");
    assertThat(api.ended(id).serializedInput().text()).isEqualTo("{\"a\": 1}");
  }

  @Test
  void theAnswerHasLinksInTheirOrder() {
    Answer answer = api.post("orchestrators/Echo/an%20id");
    String instance = api.base() + "/instances/an%20id";
    String parameters = "taskHub=MyHub&connection=Storage";
    assertThat(answer.header("location")).isEqualTo(instance + "?" + parameters);
    assertThat(answer.header("retry-after")).isEqualTo("10");
    assertThat(answer.json().propertyNames())
        .containsExactly(
            "id",
            "statusQueryGetUri",
            "sendEventPostUri",
            "terminatePostUri",
            "purgeHistoryDeleteUri",
            "restartPostUri",
            "suspendPostUri",
            "resumePostUri");
    assertThat(answer.json().get("id").asString()).isEqualTo("an id");
    assertThat(answer.json().get("statusQueryGetUri").asString())
        .isEqualTo(instance + "?" + parameters);
    assertThat(answer.json().get("sendEventPostUri").asString())
        .isEqualTo(instance + "/raiseEvent/{eventName}?" + parameters);
    assertThat(answer.json().get("terminatePostUri").asString())
        .isEqualTo(instance + "/terminate?reason={text}&" + parameters);
    assertThat(answer.json().get("restartPostUri").asString())
        .isEqualTo(instance + "/restart?" + parameters);
  }

  @Test
  void theLinksWork() {
    Answer started = api.post("orchestrators/Wait/linked");
    api.begun("linked");
    assertThat(api.get(started.json().get("statusQueryGetUri").asString()).status()).isEqualTo(202);
    api.postJson(started.json().get("sendEventPostUri").asString(), "1").isEmpty(202);
    api.post(started.json().get("suspendPostUri").asString()).isEmpty(202);
    api.post(started.json().get("resumePostUri").asString()).isEmpty(202);
    api.post(started.json().get("terminatePostUri").asString()).isEmpty(202);
    assertThat(api.ended("linked").serializedOutput().text()).isEqualTo("{text}");
    assertThat(api.post(started.json().get("restartPostUri").asString()).status()).isEqualTo(202);
    assertThat(
            api.delete(started.json().get("purgeHistoryDeleteUri").asString())
                .json()
                .get("instancesDeleted")
                .asInt())
        .isEqualTo(1);
  }

  @Test
  void namesOfFunctionsHaveNoCase() {
    api.start("eCHO", "x", "1");
    assertThat(api.ended("x").name()).isEqualTo("Echo");
  }

  @Test
  void noBodyIsNoInput() {
    api.post("orchestrators/Echo/none");
    assertThat(api.ended("none").serializedInput()).isNull();
    api.postJson("orchestrators/Echo/blank", " \n");
    assertThat(api.ended("blank").serializedInput()).isNull();
  }

  @Test
  void theContentTypeDoesNotMatter() {
    api.send(
        api.to("orchestrators/Echo/text")
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString("[1]")));
    assertThat(api.ended("text").serializedInput().text()).isEqualTo("[1]");
  }

  @Test
  void aVersionCanBeChosenAndTheStartPutOff() {
    assertThat(api.post("orchestrators/Version/v?version=2").status()).isEqualTo(202);
    assertThat(api.ended("v").version()).isEqualTo("2");
    Instant later = Instant.now().plusSeconds(10_000);
    api.post("orchestrators/Echo/later?scheduledTime=" + later);
    assertThat(api.get("instances/later").json().get("runtimeStatus").asString())
        .isEqualTo("Pending");
  }

  @Test
  void aTraceIsPassedOn() {
    String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    api.send(
        api.to("orchestrators/Echo/traced")
            .header("traceparent", parent)
            .POST(BodyPublishers.noBody()));
    api.ended("traced");
    assertThat(api.engine().client().history("traced").getFirst().toString()).contains(parent);
  }

  // ---- what cannot be started ---------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"{", "hello", "1 2", "{\"a\":}", "nul", "\u00a0"})
  void aBodyThatIsNoJsonIsRefused(String body) {
    api.postJson("orchestrators/Echo/x", body).isBrief(400, "Invalid JSON content");
    api.get("instances/x").isEmpty(404);
  }

  @Test
  void anUnknownFunctionIsNamedWithTheKnownOnes() {
    Answer answer = api.post("orchestrators/Eko");
    answer.isFull(400, ARGUMENT, "The function 'Eko' doesn't exist, is disabled, or is not an");
    answer.isFull(400, ARGUMENT, "'Cities', 'Echo', 'Fail'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%40x", "a%2Fb", "a%5Cb", "a%23b", "a%3Fb", "a%0Ab", "%20"})
  void anIdThatCannotBeOneIsRefused(String id) {
    api.post("orchestrators/Echo/" + id).isFull(400, ARGUMENT, "id");
  }

  @Test
  void anIdThatIsTooLongIsRefused() {
    api.post("orchestrators/Echo/" + "x".repeat(257)).isFull(400, ARGUMENT, "256 or fewer");
  }

  @Test
  void anIdThatIsInUseIsRefusedUntilItsInstanceHasEnded() {
    api.start("Wait", "taken", "1");
    api.begun("taken");
    api.post("orchestrators/Echo/taken")
        .isFull(409, IN_USE, "An orchestration instance with the status Running already exists");
    api.post("instances/taken/terminate");
    assertThat(api.post("orchestrators/Echo/taken").status()).isEqualTo(202);
    assertThat(api.ended("taken").name()).isEqualTo("Echo");
  }

  @Test
  void anyInstanceIsReplacedIfThatIsConfigured() {
    try (ApiFixture any =
        new ApiFixture(
            DurableHttpOptions.of(Access.local(), null).withIdReuse(IdReusePolicy.REPLACE))) {
      any.start("Wait", "taken", "1");
      any.begun("taken");
      any.start("Echo", "taken", "2");
      assertThat(any.ended("taken").serializedOutput().text()).isEqualTo("2");
    }
  }

  @Test
  void aBodyThatIsTooLargeIsRefused() {
    String large = "\"" + "x".repeat(ApiFixture.BODY_BYTES_MAX) + "\"";
    api.postJson("orchestrators/Echo/large", large).isBrief(413, "larger than 5000000 bytes");
  }

  @Test
  void soIsAnInputThatTheEngineDoesNotTake() {
    String large = "\"" + "x".repeat(ApiFixture.BODY_BYTES_MAX - 2) + "\"";
    int most = dev.perdure.engine.EngineOptions.DEFAULTS.limits().payloadBytesMax();
    assertThat(most).isLessThan(ApiFixture.BODY_BYTES_MAX);
    api.postJson("orchestrators/Echo/large", large)
        .isFull(413, "The request is too large", "limits.payloadBytesMax");
  }

  // ---- waiting ------------------------------------------------------------------------------

  @Test
  void whoeverWaitsGetsTheOutputItself() {
    Answer answer =
        api.postJson("orchestrators/Echo?timeout=30&pollingInterval=0.5", "{\"a\":[1,null]}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().toString()).isEqualTo("{\"a\":[1,null]}");
    assertThat(api.post("orchestrators/Echo?timeout=30&pollingInterval=1").body())
        .isEqualTo("null");
  }

  @Test
  void whoeverWaitsForAFailureGetsTheStatus() {
    Answer answer = api.post("orchestrators/Fail?timeout=30&pollingInterval=1");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("runtimeStatus").asString()).isEqualTo("Failed");
    assertThat(
            api.post(
                    "orchestrators/Fail?timeout=30&pollingInterval=1"
                        + "&returnInternalServerErrorOnFailure=true")
                .status())
        .isEqualTo(500);
  }

  @Test
  void whoWaitsWhenTheServerIsClosedGetsTheLinks() throws Exception {
    CompletableFuture<Answer> waits =
        CompletableFuture.supplyAsync(
            () -> api.post("orchestrators/Wait/w?timeout=30&pollingInterval=1"));
    api.engine().requests().await("w", false).join();
    api.closeServer();
    Answer answer = waits.get(30, TimeUnit.SECONDS);
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().get("id").asString()).isEqualTo("w");
  }

  @Test
  void whoWaitsWhenTheHubIsClosedGetsTheLinks() throws Exception {
    CompletableFuture<Answer> waits =
        CompletableFuture.supplyAsync(
            () -> api.post("orchestrators/Wait/w?timeout=30&pollingInterval=1"));
    api.engine().requests().await("w", false).join();
    api.closeHub();
    Answer answer = waits.get(30, TimeUnit.SECONDS);
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().get("id").asString()).isEqualTo("w");
  }

  @Test
  void whoseHubIsClosedBetweenTheStartAndTheWaitGetsTheLinksToo() throws Exception {
    ManagementLinks links = new LinkBase("http://host", "MyHub", null).instance("w");
    api.closeHub();
    Response answer =
        CompletionWait.completionOrCheckStatus(
                api.hub, Duration.ofSeconds(30), new Closing(), links)
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    assertThat(answer.status()).isEqualTo(202);
  }

  @Test
  void whenTheTimeIsOverTheLinksComeInstead() {
    Answer answer =
        api.post(
            "orchestrators/Wait/slow?timeout=0.01&pollingInterval=0.01"
                + "&returnInternalServerErrorOnFailure=true");
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.header("location")).endsWith("&returnInternalServerErrorOnFailure=true");
    assertThat(answer.json().get("id").asString()).isEqualTo("slow");
  }

  @Test
  void aWaitEndsAsSoonAsTheInstanceDoes() throws Exception {
    Thread waiting =
        Thread.ofVirtual()
            .start(
                () ->
                    assertThat(
                            api.post("orchestrators/Wait/w?timeout=25&pollingInterval=20").body())
                        .isEqualTo("7"));
    api.engine().requests().await("w", false).join();
    api.postJson("instances/w/raiseEvent/go", "7").isEmpty(202);
    assertThat(waiting.join(ApiFixture.PATIENCE)).isTrue();
  }

  @Test
  void oneOfTheTwoParametersAloneHasNoEffect() {
    assertThat(api.post("orchestrators/Echo?timeout=20").status()).isEqualTo(202);
    assertThat(api.post("orchestrators/Echo?pollingInterval=1").status()).isEqualTo(202);
    assertThat(api.post("orchestrators/Echo?pollingInterval=1&timeout=soon").status())
        .isEqualTo(202);
  }

  @Test
  void anIntervalLongerThanTheTimeoutIsRefused() {
    api.post("orchestrators/Echo/x?timeout=1&pollingInterval=2").isFull(400, ARGUMENT, "interval");
    api.get("instances/x").isEmpty(404);
  }

  // ---- starting anew ------------------------------------------------------------------------

  @Test
  void aRestartMakesANewInstanceWithTheSameInput() {
    api.start("Echo", "old", "[1]");
    api.ended("old");
    Answer answer = api.post("instances/old/restart");
    assertThat(answer.status()).isEqualTo(202);
    String id = answer.json().get("id").asString();
    assertThat(id).isNotEqualTo("old");
    assertThat(api.ended(id).serializedOutput().text()).isEqualTo("[1]");
  }

  @Test
  void itMayKeepItsIdAndBeWaitedFor() {
    api.start("Echo", "old", "[1]");
    api.ended("old");
    Answer links = api.post("instances/old/restart?restartWithNewInstanceId=FALSE");
    assertThat(links.json().get("id").asString()).isEqualTo("old");
    api.ended("old");
    assertThat(api.post("instances/old/restart?timeout=20&pollingInterval=1").body())
        .isEqualTo("[1]");
  }

  @Test
  void anyInstanceIsRestartedUnderItsOwnIdIfThatIsConfigured() {
    try (ApiFixture any =
        new ApiFixture(
            DurableHttpOptions.of(Access.local(), null).withIdReuse(IdReusePolicy.REPLACE))) {
      any.start("Wait", "runs", "1");
      String first = any.engine().client().status("runs").orElseThrow().executionId();
      Answer answer = any.post("instances/runs/restart?restartWithNewInstanceId=false");
      assertThat(answer.status()).isEqualTo(202);
      assertThat(answer.json().get("id").asString()).isEqualTo("runs");
      OrchestrationMetadata again = any.engine().client().status("runs").orElseThrow();
      assertThat(again.executionId()).isNotEqualTo(first);
      assertThat(again.serializedInput().text()).isEqualTo("1");
    }
  }

  @Test
  void whatDoesNotExistOrRunsCannotBeRestarted() {
    api.post("instances/none/restart")
        .isFull(
            400,
            "InstanceId does not match a valid orchestration instance.",
            "PD-1006: There is no instance 'none'");
    api.start("Wait", "runs", "1");
    api.post("instances/runs/restart?restartWithNewInstanceId=false")
        .isFull(409, IN_USE, "Terminate it first");
  }
}
