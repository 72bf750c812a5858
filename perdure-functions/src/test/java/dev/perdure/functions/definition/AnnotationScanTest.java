package dev.perdure.functions.definition;

import static dev.perdure.functions.TestApp.IMPORTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.TestApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AnnotationScanTest {
  @TempDir Path directory;

  @Test
  void anHttpFunctionGetsTheSameBindingsAsFromTheBuild() {
    FunctionDefinition hello =
        function(
            """
            @FunctionName("Hello")
            public HttpResponseMessage hello(
                @HttpTrigger(name = "req", methods = {HttpMethod.GET, HttpMethod.POST},
                    authLevel = AuthorizationLevel.ANONYMOUS, route = "hi/{name}")
                    HttpRequestMessage<Optional<String>> request,
                @BindingName("name") String name,
                ExecutionContext context) { return null; }
            """);

    assertThat(hello.name()).isEqualTo("Hello");
    assertThat(hello.entryPoint()).isEqualTo("app.Functions.hello");
    assertThat(hello.bindings())
        .containsExactly(
            new Binding(
                "httpTrigger",
                Direction.IN,
                "req",
                Map.of(
                    "methods", List.of("GET", "POST"),
                    "authLevel", "ANONYMOUS",
                    "route", "hi/{name}")),
            new Binding("http", Direction.OUT, "$return", Map.of()));
  }

  @Test
  void onlyWhatDiffersFromItsDefaultIsWrittenExceptLevelsAndCardinalities() {
    assertThat(
            function(
                    """
                    @FunctionName("Hello")
                    public void hello(@HttpTrigger(name = "req", route = "", dataType = "") String body) {}
                    """)
                .bindings())
        .containsExactly(
            new Binding("httpTrigger", Direction.IN, "req", Map.of("authLevel", "FUNCTION")));
    assertThat(
            function(
                    """
                    @FunctionName("IoTHub_Trigger")
                    public void hub(@EventHubTrigger(name = "message", eventHubName = "messages/events",
                        connection = "IoTHubConnectionString", consumerGroup = "$Default") List<String> messages) {}
                    """)
                .bindings())
        .containsExactly(
            new Binding(
                "eventHubTrigger",
                Direction.IN,
                "message",
                Map.of(
                    "eventHubName", "messages/events",
                    "connection", "IoTHubConnectionString",
                    "cardinality", "MANY")));
  }

  @Test
  void outputsOnTheMethodTakeWhatItReturns() {
    assertThat(
            function(
                    """
                    @FunctionName("Copy")
                    @QueueOutput(name = "ignored", queueName = "out", connection = "Q")
                    public String copy(@TimerTrigger(name = "timer", schedule = "0 */5 * * * *") String timer,
                        @EventHubOutput(name = "hub", eventHubName = "h", connection = "C") OutputBinding<String> hub) {
                      return "";
                    }
                    """)
                .bindings())
        .containsExactly(
            new Binding("timerTrigger", Direction.IN, "timer", Map.of("schedule", "0 */5 * * * *")),
            new Binding(
                "eventHub", Direction.OUT, "hub", Map.of("eventHubName", "h", "connection", "C")),
            new Binding(
                "queue", Direction.OUT, "$return", Map.of("queueName", "out", "connection", "Q")));
  }

  @Test
  void anOutputOnAMethodThatReturnsNothingIsNoted() {
    AppDefinition app =
        scan(
            """
            @FunctionName("Copy")
            @QueueOutput(name = "ignored", queueName = "out", connection = "Q")
            public void copy(@TimerTrigger(name = "timer", schedule = "0 */5 * * * *") String timer) {}
            """);

    assertThat(app.functions().getFirst().bindings()).hasSize(1);
    assertThat(app.problems())
        .containsExactly(
            new AppProblem(
                null,
                "app.Functions.copy: @QueueOutput on the method takes what the method returns, but it returns nothing, so nothing will be written."));
  }

  @Test
  void serviceBusQueuesAndTopicsHaveOneType() {
    FunctionDefinition function =
        function(
            """
            @FunctionName("Bus")
            @ServiceBusTopicOutput(name = "x", topicName = "t", subscriptionName = "s", connection = "C")
            public String bus(@ServiceBusQueueTrigger(name = "m", queueName = "q", connection = "C") String m) { return m; }
            """);

    assertThat(function.bindings())
        .extracting(Binding::type)
        .containsExactly("serviceBusTrigger", "serviceBus");
  }

  @Test
  void theStorageAccountIsTheConnectionOfStorageBindingsThatHaveNone() {
    FunctionDefinition function =
        function(
            """
            @FunctionName("Blob")
            @StorageAccount("Account")
            public void blob(@BlobTrigger(name = "in", path = "a/{name}") String in,
                @BlobOutput(name = "out", path = "b/{name}", connection = "Other") OutputBinding<String> out) {}
            """);

    assertThat(function.trigger().text("connection")).isEqualTo("Account");
    assertThat(function.binding("out").text("connection")).isEqualTo("Other");
  }

  @Test
  void aStorageBindingWithoutConnectionIsNoted() {
    AppDefinition app =
        scan(
            """
            @FunctionName("Queue")
            public void queue(@QueueTrigger(name = "in", queueName = "q") String in) {}
            """);

    assertThat(app.functions()).hasSize(1);
    assertThat(app.problems().getFirst().message())
        .startsWith(
            "app.Functions.queue: the binding 'in' (queueTrigger) has no connection. Here it uses AzureWebJobsStorage");
  }

  @Test
  void customBindingsAreTranslatedByTheAnnotationOfTheirAnnotation() {
    Path library =
        TestApp.jar(
            directory.resolve("durable.jar"),
            TestApp.compile(
                directory.resolve("durable"),
                """
                package com.microsoft.durabletask.azurefunctions;
                import com.microsoft.azure.functions.annotation.*;
                import java.lang.annotation.*;
                @Retention(RetentionPolicy.RUNTIME) @Target(ElementType.PARAMETER)
                @CustomBinding(direction = "in", name = "", type = "orchestrationTrigger")
                @HasImplicitOutput
                public @interface DurableOrchestrationTrigger {
                  String name();
                  String orchestration() default "";
                  String dataType() default "string";
                }
                """));
    Path own =
        TestApp.compile(
            directory.resolve("own"),
            List.of(library),
            IMPORTS
                + """
                import com.microsoft.durabletask.azurefunctions.*;
                public class Functions {
                  @FunctionName("Cities")
                  public String cities(@DurableOrchestrationTrigger(name = "ctx", orchestration = "Towns") String c) { return c; }
                  @FunctionName("Warm")
                  public void warm(@WarmupTrigger String context) {}
                  @FunctionName("Own")
                  public void own(@CustomBinding(direction = "in", name = "mine", type = "mineTrigger") String m) {}
                }
                """);

    AppDefinition app = AnnotationScan.scan(List.of(own), List.of(library, TestApp.annotations()));

    assertThat(app.problems()).isEmpty();
    assertThat(app.functions())
        .extracting(FunctionDefinition::name, FunctionDefinition::bindings)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                "Cities",
                List.of(
                    new Binding(
                        "orchestrationTrigger",
                        Direction.IN,
                        "ctx",
                        Map.of("orchestration", "Towns")))),
            org.assertj.core.groups.Tuple.tuple(
                "Own", List.of(new Binding("mineTrigger", Direction.IN, "mine", Map.of()))),
            org.assertj.core.groups.Tuple.tuple(
                "Warm",
                List.of(new Binding("warmupTrigger", Direction.IN, "warmupContext", Map.of()))));
  }

  @Test
  void aMissingLibraryIsNamed() {
    Path library =
        TestApp.compile(
            directory.resolve("gone"),
            """
            package gone;
            import java.lang.annotation.*;
            @Retention(RetentionPolicy.RUNTIME)
            public @interface GoneTrigger { String name(); }
            """);
    Path own =
        TestApp.compile(
            directory.resolve("own"),
            List.of(library),
            IMPORTS
                + """
                public class Functions {
                  @FunctionName("F") public void f(@gone.GoneTrigger(name = "x") String x) {}
                }
                """);

    AppDefinition app = AnnotationScan.scan(List.of(own), List.of(TestApp.annotations()));

    assertThat(app.problems().getFirst().message())
        .startsWith("app.Functions.f: It has no bindings")
        .endsWith(
            "The classes of @gone.GoneTrigger are not on the class path of the app; is a library missing?");
  }

  @Test
  void retryAnnotationsAreRead() {
    assertThat(
            function(
                    """
                    @FunctionName("A") @FixedDelayRetry(maxRetryCount = 4, delayInterval = "00:00:10")
                    public void a(@TimerTrigger(name = "t", schedule = "0 * * * * *") String t) {}
                    """)
                .retry())
        .isEqualTo(
            new RetryPolicy(
                RetryPolicy.Strategy.FIXED_DELAY,
                4,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10)));
    assertThat(
            function(
                    """
                    @FunctionName("A")
                    @ExponentialBackoffRetry(maxRetryCount = 5, minimumInterval = "00:00:01", maximumInterval = "00:01:00")
                    public void a(@TimerTrigger(name = "t", schedule = "0 * * * * *") String t) {}
                    """)
                .retry())
        .isEqualTo(
            new RetryPolicy(
                RetryPolicy.Strategy.EXPONENTIAL_BACKOFF,
                5,
                Duration.ofSeconds(1),
                Duration.ofMinutes(1)));
  }

  @Test
  void saysWhatIsWrongWithClassAndMethod() {
    assertThat(
            problem(
                """
                @FunctionName("Two")
                public void two(@HttpTrigger(name = "a") String a, @TimerTrigger(name = "b", schedule = "x") String b) {}
                """))
        .isEqualTo(
            "app.Functions.two: It has 2 triggers (httpTrigger 'a', timerTrigger 'b'); a function has exactly one.");
    assertThat(
            problem(
                """
                @FunctionName("Both")
                @FixedDelayRetry(maxRetryCount = 1, delayInterval = "00:00:01")
                @ExponentialBackoffRetry(maxRetryCount = 1, minimumInterval = "00:00:01", maximumInterval = "00:00:02")
                public void both(@TimerTrigger(name = "t", schedule = "x") String t) {}
                """))
        .isEqualTo(
            "app.Functions.both: It has both @FixedDelayRetry and @ExponentialBackoffRetry; keep one.");
    assertThat(
            problem(
                """
                @FunctionName("Bad") @FixedDelayRetry(maxRetryCount = 1, delayInterval = "soon")
                public void bad(@TimerTrigger(name = "t", schedule = "x") String t) {}
                """))
        .startsWith("app.Functions.bad: @FixedDelayRetry: delayInterval: 'soon' is not a span");
    assertThat(problem("@FunctionName(\"None\") public void none() {}"))
        .contains("It has no bindings, so nothing makes it run");
    assertThat(
            problem(
                "@FunctionName(\"Hidden\") void hidden(@HttpTrigger(name = \"a\") String a) {}"))
        .isEqualTo("app.Functions.hidden: The method is not public.");
  }

  @Test
  void aTriggerWithoutFunctionNameIsNoted() {
    AppDefinition app =
        scan(
            """
            @FunctionName("Hello") public void hello(@HttpTrigger(name = "a") String a) {}
            public void forgotten(@BindingName("x") String x, @HttpTrigger(name = "a") String a) {}
            public void helper(@BindingName("x") String x) {}
            """);

    assertThat(app.functions()).hasSize(1);
    assertThat(app.problems())
        .containsExactly(
            new AppProblem(
                null,
                "app.Functions.forgotten has @HttpTrigger and no @FunctionName, so it is no"
                    + " function; give it one, @FunctionName(\"forgotten\") say."));
  }

  @Test
  void functionsWithOneNameStopEachOther() {
    AppDefinition app =
        scan(
            """
            @FunctionName("same") public void a(@HttpTrigger(name = "a") String a) {}
            @FunctionName("Same") public void b(@HttpTrigger(name = "a") String a) {}
            @FunctionName("Other") public void c(@HttpTrigger(name = "a") String a) {}
            """);

    assertThat(app.functions()).extracting(FunctionDefinition::name).containsExactly("Other");
    assertThat(app.problems()).hasSize(1);
    assertThat(app.problems().getFirst().message())
        .contains("2 methods have the function name")
        .contains("app.Functions.a")
        .contains("app.Functions.b");
  }

  @Test
  void librariesAreNotSearchedForFunctions() {
    Path library = TestApp.compile(directory.resolve("lib"), classWith(HTTP));
    Path own = TestApp.compile(directory.resolve("own"), "package app; public class Empty {}");

    assertThat(AnnotationScan.scan(List.of(own), List.of(library)).functions()).isEmpty();
    assertThat(AnnotationScan.scan(List.of(own, library), List.of()).functions()).hasSize(1);
  }

  @Test
  void aFatJarHasItsAnnotationsInside() {
    Path fat =
        TestApp.jar(
            directory.resolve("fat.jar"), TestApp.compile(directory.resolve("a"), classWith(HTTP)));

    // Without the library at all, the defaults that are always written are known.
    assertThat(AnnotationScan.scan(List.of(fat), List.of()).functions().getFirst().trigger())
        .isEqualTo(new Binding("httpTrigger", Direction.IN, "a", Map.of("authLevel", "FUNCTION")));
  }

  @Test
  void pathsMayHoldWhatUrlsMayNot() throws IOException {
    Path odd = Files.createDirectories(directory.resolve("a b%20#ä+"));
    Path classes = TestApp.compile(odd.resolve("classes"), classWith(HTTP));
    Path jar = TestApp.jar(odd.resolve("app 1.jar"), classes);

    assertThat(AnnotationScan.scan(List.of(classes), List.of()).functions()).hasSize(1);
    assertThat(AnnotationScan.scan(List.of(jar), List.of()).functions()).hasSize(1);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void pathsMayBeLinks() throws IOException {
    Path classes = TestApp.compile(directory.resolve("classes"), classWith(HTTP));
    TestApp.jar(directory.resolve("app.jar"), classes);
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory);

    for (String name : List.of("classes", "app.jar")) {
      assertThat(AnnotationScan.scan(List.of(link.resolve(name)), List.of()).functions())
          .hasSize(1);
    }
  }

  @Test
  void whatAManifestAddsIsNotSearched() throws IOException {
    Path more =
        TestApp.jar(
            directory.resolve("more.jar"),
            TestApp.compile(directory.resolve("a"), classWith(HTTP)));
    Path own = TestApp.compile(directory.resolve("own"), "package app; public class Empty {}");
    TestApp.write(
        own.resolve("META-INF/MANIFEST.MF"),
        "Manifest-Version: 1.0\nClass-Path: " + more.getFileName() + "\n");

    assertThat(
            AnnotationScan.scan(List.of(TestApp.jar(directory.resolve("app.jar"), own)), List.of())
                .functions())
        .isEmpty();
  }

  @Test
  void listsClassesWithFunctionsOfPerdure() {
    Path own =
        TestApp.compile(
            directory.resolve("own"),
            """
            package app;
            import dev.perdure.api.*;
            public class Durable {
              @Orchestrator public String orders(OrchestrationContext context) { return ""; }
              static class Work { @Activity static String charge(String input) { return input; } }
              @Entity static class Counter { int value; }
              static class Better extends Counter {}
              @Entity static abstract class Base {}
              static class Plain {}
            }
            """);

    assertThat(AnnotationScan.durableClasses(List.of(own)))
        .containsExactly(
            "app.Durable", "app.Durable$Better", "app.Durable$Counter", "app.Durable$Work");
    assertThat(AnnotationScan.scan(List.of(own), List.of()).durableClasses())
        .isEqualTo(AnnotationScan.durableClasses(List.of(own)));
  }

  private static final String HTTP =
      "@FunctionName(\"Hello\") public void hello(@HttpTrigger(name = \"a\") String a) {}";

  private static String classWith(String methods) {
    return IMPORTS + "public class Functions { " + methods + " }";
  }

  private AppDefinition scan(String methods) {
    Path own = TestApp.compile(directory.resolve("own"), classWith(methods));
    return AnnotationScan.scan(List.of(own), List.of(TestApp.annotations()));
  }

  private FunctionDefinition function(String method) {
    AppDefinition app = scan(method);
    assertThat(app.problems()).isEmpty();
    assertThat(app.functions()).hasSize(1);
    return app.functions().getFirst();
  }

  private String problem(String method) {
    AppDefinition app = scan(method);
    assertThat(app.functions()).isEmpty();
    assertThat(app.problems()).hasSize(1);
    return app.problems().getFirst().message();
  }
}
