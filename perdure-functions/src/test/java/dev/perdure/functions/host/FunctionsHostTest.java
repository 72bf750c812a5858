package dev.perdure.functions.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.azure.functions.OutputBinding;
import com.microsoft.azure.functions.annotation.BlobInput;
import com.microsoft.azure.functions.annotation.CustomBinding;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.azure.functions.annotation.QueueOutput;
import com.microsoft.azure.functions.annotation.QueueTrigger;
import com.microsoft.azure.functions.annotation.TimerTrigger;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.PerdureClient;
import dev.perdure.functions.TestFunctions;
import dev.perdure.functions.TestHost;
import dev.perdure.functions.definition.AppDefinition;
import dev.perdure.functions.definition.AppProblem;
import dev.perdure.functions.host.HostedFunction.State;
import dev.perdure.grpc.ServerStartException;
import dev.perdure.store.StoreException;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A host from its start to its end, with functions of all sorts. */
class FunctionsHostTest {
  private static final BlockingQueue<String> TICKS = new LinkedBlockingQueue<>();

  @TempDir Path directory;

  /** The app. */
  public static class Functions {
    /** Answers. */
    @FunctionName("Hello")
    public String hello(@HttpTrigger(name = "req") String body) {
      return "hello";
    }

    /** Ticks. */
    @FunctionName("Tick")
    public void tick(@TimerTrigger(name = "timer", schedule = "%Often%") String timer) {
      TICKS.add(timer);
    }

    /** Has a trigger that is not available. */
    @FunctionName("OnMessage")
    public void onMessage(
        @QueueTrigger(name = "message", queueName = "in", connection = "Q") String message) {}

    /** Has an output that is not available. */
    @FunctionName("Sends")
    public String sends(
        @HttpTrigger(name = "req") String body,
        @QueueOutput(name = "out", queueName = "q", connection = "Q") OutputBinding<String> out) {
      if (body != null) {
        out.setValue(body);
      }
      return "sent";
    }

    /** Has an input that is not available. */
    @FunctionName("Reads")
    public String reads(
        @HttpTrigger(name = "req") String body,
        @BlobInput(name = "blob", path = "p", connection = "C") String blob) {
      return "read";
    }

    /** Has a client of this host's hub. */
    @FunctionName("OwnHub")
    public String ownHub(
        @HttpTrigger(name = "req") String body,
        @Client(name = "client", taskHub = "%Hub%") String client) {
      return client;
    }

    /** Has a client of a hub that is elsewhere. */
    @FunctionName("OtherHub")
    public String otherHub(
        @HttpTrigger(name = "req") String body,
        @Client(name = "client", taskHub = "Elsewhere") String client) {
      return client;
    }

    /** Starts an orchestration of Perdure. */
    @FunctionName("Begin")
    public String begin(@HttpTrigger(name = "req") String body, PerdureClient client) {
      return client.startNew("waitForIt", "hello");
    }
  }

  /** As the annotation that comes with the library. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.PARAMETER)
  @CustomBinding(direction = "in", name = "", type = "durableClient")
  public @interface Client {
    /** The name of the parameter. */
    String name();

    /** The task hub. */
    String taskHub() default "";
  }

  /** Functions of Perdure's own kind in the same app. */
  public static class Flows {
    /** Waits for an event. */
    @Orchestrator
    public static String waitForIt(OrchestrationContext context, String input) {
      return input + " " + context.waitForExternalEvent("it", String.class).await();
    }
  }

  private TestHost start(Map<String, String> settings, UnaryOperator<HostOptions> options) {
    return TestHost.start(
        directory, settings, options, TestFunctions.of(Functions.class, Flows.class));
  }

  private TestHost start(String... settings) {
    Map<String, String> all = new java.util.HashMap<>();
    all.put("Often", "0 0 0 1 1 *");
    all.put("Hub", "testhubname");
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    return start(all, options -> options);
  }

  private static HostedFunction function(TestHost host, String name) {
    return host.host.functions().stream()
        .filter(function -> function.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void functionsRunBesideOthersThatCannot() {
    try (TestHost host = start()) {
      assertThat(function(host, "Hello").state()).isEqualTo(State.READY);
      assertThat(host.get("/api/Hello").body()).isEqualTo("hello");
      assertThat(function(host, "OnMessage").state()).isEqualTo(State.BY_HAND);
      assertThat(function(host, "OnMessage").notice())
          .isEqualTo(
              "its trigger, queueTrigger, is not available in this host; it can be run with POST /admin/functions/OnMessage");
      assertThat(function(host, "Reads").state()).isEqualTo(State.BROKEN);
      assertThat(function(host, "Reads").notice())
          .isEqualTo("Nothing in this host reads its input 'blob' (blob).");
      assertThat(host.get("/api/Reads").statusCode()).isEqualTo(404);
    }
  }

  /** Which hub a host has is known from the start, so what cannot work is said then. */
  @Test
  void aClientOfAnotherTaskHubBreaksItsFunctionAtTheStart() {
    try (TestHost host = start()) {
      assertThat(function(host, "OtherHub").state()).isEqualTo(State.BROKEN);
      assertThat(function(host, "OtherHub").notice())
          .contains("task hub 'Elsewhere'", "has the hub 'TestHubName'", "host.json");
      assertThat(host.get("/api/OwnHub").body()).contains("\"taskHubName\":\"TestHubName\"");
    }
  }

  @Test
  void anOutputThatIsNotAvailableIsNotedAndFailsWhatWouldBeLost() {
    try (TestHost host = start()) {
      assertThat(function(host, "Sends").state()).isEqualTo(State.READY);
      assertThat(function(host, "Sends").notice())
          .isEqualTo("nothing in this host writes its output 'out' (queue)");
      assertThat(host.get("/api/Sends").body()).isEqualTo("sent");
      assertThat(host.post("/api/Sends", "message").statusCode()).isEqualTo(500);
    }
  }

  @Test
  void aSettingThatATriggerNeedsAndIsMissingStopsThatFunctionOnly() {
    try (TestHost host = start(Map.of(), options -> options)) {
      assertThat(function(host, "Tick").state()).isEqualTo(State.BROKEN);
      assertThat(function(host, "Tick").notice()).contains("Often");
      assertThat(host.get("/api/Hello").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void disabledFunctionsAreListedButDoNotRun() {
    try (TestHost host =
        start("AzureWebJobs.Hello.Disabled", "true", "AzureWebJobs.Begin.Disable", "1")) {
      assertThat(function(host, "Hello").state()).isEqualTo(State.DISABLED);
      assertThat(host.get("/api/Hello").statusCode()).isEqualTo(404);
      assertThat(function(host, "Begin").state()).isEqualTo(State.DISABLED);
      assertThat(host.host.notices())
          .contains(
              "The setting AzureWebJobs.Begin.Disable is understood here, but Azure ignores it; write AzureWebJobs.Begin.Disabled.");
      assertThat(Banner.lines(host.host)).contains("\tFunction Hello is disabled.");
    }
  }

  @Test
  void theBannerListsAllFunctions() {
    try (TestHost host = start()) {
      String base = "http://localhost:" + host.host.httpPort();

      assertThat(Banner.lines(host.host))
          .contains(
              "Functions:",
              "\tHello: " + base + "/api/Hello",
              "\tTick: timerTrigger %Often%",
              "\tReads does not run: Nothing in this host reads its input 'blob' (blob).");
    }
  }

  @Test
  void onlySomeFunctionsMayBeRun() {
    try (TestHost host =
        start(
            Map.of("Often", "0 0 0 1 1 *"), options -> options.withOnly(Set.of("HELLO", "Helo")))) {
      assertThat(host.host.functions()).extracting(HostedFunction::name).containsExactly("Hello");
      assertThat(host.host.notices())
          .contains("There is no function 'Helo' to run. Did you mean 'Hello'?");
    }
  }

  @Test
  void namesInHostJsonThatThereAreNotAreSaid() {
    try (TestHost host = start("AzureFunctionsJobHost__functions__0", "Helo")) {
      assertThat(host.host.functions()).isEmpty();
      assertThat(host.host.notices())
          .contains(
              "There is no function 'Helo', which 'functions' in host.json names. Did you mean 'Hello'?");
    }
  }

  /** What cannot be read is told as what it is, not as something that there is not. */
  @Test
  void aFunctionWithAProblemIsNotOneThatThereIsNot() {
    AppDefinition definition =
        new AppDefinition(
            List.of(), List.of(), List.of(new AppProblem("Broken", "its file cannot be read.")));
    try (TestHost host =
        TestHost.start(
            directory,
            Map.of(
                "AzureFunctionsJobHost__functions__0", "broken",
                "AzureWebJobs.Broken.Disabled", "true"),
            options -> options.withOnly(Set.of("Broken")),
            definition)) {
      assertThat(host.host.notices())
          .containsExactly("Function 'Broken' does not run: its file cannot be read.");
    }
  }

  @Test
  void orchestrationsHaveTheDefaultVersionOfTheApp() {
    try (TestHost host =
        start("AzureFunctionsJobHost__extensions__durableTask__defaultVersion", "2.0")) {
      String id = host.host.client().startNew("waitForIt", "x");
      assertThat(host.host.client().status(id).orElseThrow().version()).isEqualTo("2.0");
      host.host.client().terminate(id, "enough");
    }
  }

  @Test
  void timersRun() throws Exception {
    TICKS.clear();
    try (TestHost host = start("Often", "* * * * * *")) {
      assertThat(function(host, "Tick").state()).isEqualTo(State.READY);
      assertThat(TICKS.poll(10, TimeUnit.SECONDS)).contains("\"IsPastDue\":false");
    }
    TICKS.clear();
    assertThat(TICKS.poll(1500, TimeUnit.MILLISECONDS)).as("after the end").isNull();
  }

  @Test
  void whatHasNotEndedGoesOnAfterARestart() {
    String id;
    try (TestHost host = start()) {
      id = host.get("/api/Begin").body();
      host.host.client().waitForStart(id, Duration.ofSeconds(10));
    }
    try (TestHost host = start()) {
      host.host.client().raiseEvent(id, "it", "again");
      var ended = host.host.client().waitForCompletion(id, Duration.ofSeconds(10));

      assertThat(ended.status()).isEqualTo(OrchestrationStatus.COMPLETED);
      assertThat(ended.serializedOutput().text()).isEqualTo("\"hello again\"");
      assertThat(host.get("/runtime/webhooks/durabletask/instances/" + id).body())
          .contains("hello again");
    }
  }

  @Test
  void twoHostsCannotUseTheSameData() {
    try (TestHost host = start()) {
      assertThatThrownBy(this::start)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("PD-2001")
          .hasMessageContaining(directory.resolve("data/testhubname").toString());
      assertThat(host.get("/api/Hello").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void twoHubsMayBeBesideEachOther() {
    try (TestHost host = start();
        TestHost other = start("WEBSITE_SITE_NAME", "Other")) {
      assertThat(host.host.hub()).isEqualTo("TestHubName");
      assertThat(other.host.hub()).isEqualTo("Other");
    }
  }

  @Test
  void aBusyPortIsSaidAndNothingStaysOpen() throws IOException {
    try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = busy.getLocalPort();
      assertThatThrownBy(() -> start(Map.of(), options -> options.withPorts(port, 0, true)))
          .isInstanceOf(ServerStartException.class)
          .hasMessageContaining("PD-3002")
          .hasMessageContaining("HTTP on 127.0.0.1, port " + port)
          .hasMessageContaining("--port");
      assertThatThrownBy(() -> start(Map.of(), options -> options.withPorts(0, port, true)))
          .isInstanceOf(ServerStartException.class)
          .hasMessageContaining(String.valueOf(port));
      assertThat(directory.resolve("data"))
          .as("nothing is made for a host that cannot start")
          .doesNotExist();
      try (TestHost other = start(Map.of(), options -> options.withPorts(0, port, false))) {
        assertThat(other.host.grpcPort()).as("another one will do").isNotEqualTo(port);
      }
    }
  }

  @Test
  void aPlaceThatCannotHoldTheDataIsSaid() throws IOException {
    java.nio.file.Files.writeString(directory.resolve("data"), "a file");

    assertThatThrownBy(this::start)
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("PD-2005: The directory for data, ")
        .hasMessageContaining("--data")
        .hasMessageContaining("Check the path");
  }

  /** Where nobody can write, not even an administrator. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aPlaceThatCannotBeWrittenIsSaid() {
    Path place = Path.of("/proc");
    HostOptions withKeys = HostOptions.of(place).withPorts(0, 0, true).withAccess(true, false);
    assertThatThrownBy(() -> start(Map.of(), options -> withKeys))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("PD-2005: The directory " + place.resolve("testhubname"))
        .hasMessageContaining("Check the path and its permissions");
  }

  @Test
  void aFileOfKeysThatCannotBeReadIsSaid() throws IOException {
    java.nio.file.Files.createDirectories(directory.resolve("data"));
    java.nio.file.Files.writeString(directory.resolve("data/host.keys"), "nonsense\n");

    assertThatThrownBy(this::start)
        .isInstanceOf(ServerStartException.class)
        .hasMessageContaining("host.keys cannot be understood in line 1");
  }

  @Test
  void anAppMayBeEmpty() {
    try (TestHost host =
        TestHost.start(
            directory,
            Map.of(),
            options -> options,
            new dev.perdure.functions.definition.AppDefinition(List.of(), List.of(), List.of()))) {
      assertThat(host.get("/admin/functions").body()).isEqualTo("[]");
      assertThat(host.get("/").body()).contains("The app has no functions.");
      assertThat(Banner.lines(host.host))
          .as("it is seldom meant")
          .first()
          .asString()
          .startsWith("! No Azure function was found in the app");
    }
  }
}
