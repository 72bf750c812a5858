package dev.perdure.functions.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.TestApp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FunctionJsonTest {
  private static final String HTTP =
      """
      {
        "scriptFile": "../app-1.0.jar",
        "entryPoint": "com.example.Functions.hello",
        "bindings": [
          { "type": "httpTrigger", "direction": "in", "name": "req",
            "methods": ["GET", "POST"], "authLevel": "ANONYMOUS" },
          { "type": "http", "direction": "out", "name": "$return" }
        ]
      }
      """;

  @TempDir Path root;

  @BeforeEach
  void jar() {
    TestApp.write(root.resolve("app-1.0.jar"), "");
  }

  @Test
  void readsWhatTheMavenPluginWrites() {
    function("Hello", HTTP);

    AppDefinition app = read();

    assertThat(app.problems()).isEmpty();
    FunctionDefinition hello = app.functions().getFirst();
    assertThat(hello.name()).isEqualTo("Hello");
    assertThat(hello.entryPoint()).isEqualTo("com.example.Functions.hello");
    assertThat(hello.trigger().type()).isEqualTo("httpTrigger");
    assertThat(hello.trigger().texts("methods")).containsExactly("GET", "POST");
    assertThat(hello.trigger().text("AUTHLEVEL")).isEqualTo("ANONYMOUS");
    assertThat(hello.trigger().attributes()).doesNotContainKeys("type", "direction", "name");
    assertThat(hello.binding(Binding.RETURN).direction()).isEqualTo(Direction.OUT);
    assertThat(hello.retry()).isNull();
  }

  @Test
  void ordersFunctionsByNameWithoutRegardToCase() {
    function("b", HTTP);
    function("A", HTTP);
    function("C", HTTP);

    assertThat(read().functions())
        .extracting(FunctionDefinition::name)
        .containsExactly("A", "b", "C");
  }

  @Test
  void toleratesCommentsACommaTooManyAByteOrderMarkAndOtherCase() {
    function(
        "Hello",
        "\uFEFF// made by hand\n"
            + HTTP.replace("\"direction\": \"in\"", "\"DIRECTION\": \"In\"")
                .replace("\"$return\" }", "\"$return\", }, /* the answer */"));

    assertThat(read().problems()).isEmpty();
    assertThat(read().functions()).hasSize(1);
  }

  @Test
  void readsRetryPolicies() {
    function(
        "Fixed",
        HTTP.replaceFirst(
            "\\{",
            "{ \"retry\": {\"strategy\": \"fixedDelay\", \"maxRetryCount\": 3, \"delayInterval\": \"00:00:05\"},"));
    function(
        "Growing",
        HTTP.replaceFirst(
            "\\{",
            "{ \"retry\": {\"strategy\": \"exponentialBackoff\", \"maxRetryCount\": -1, \"minimumInterval\": \"00:00:01\", \"maximumInterval\": \"00:15:00\"},"));

    assertThat(read().functions())
        .extracting(FunctionDefinition::retry)
        .containsExactly(
            new RetryPolicy(
                RetryPolicy.Strategy.FIXED_DELAY, 3, Duration.ofSeconds(5), Duration.ofSeconds(5)),
            new RetryPolicy(
                RetryPolicy.Strategy.EXPONENTIAL_BACKOFF,
                RetryPolicy.UNLIMITED,
                Duration.ofSeconds(1),
                Duration.ofMinutes(15)));
  }

  @Test
  void findsAnEntryPointInANestedClass() {
    function("Hello", HTTP.replace("Functions.hello", "Functions.Inner.hello"));

    AppDefinition app = FunctionJson.read(root, "com.example.Functions$Inner"::equals);

    assertThat(app.functions().getFirst().className()).isEqualTo("com.example.Functions$Inner");
    assertThat(read().functions().getFirst().className()).isEqualTo("com.example.Functions.Inner");
  }

  @Test
  void aBrokenFunctionDoesNotStopTheOthers() {
    function("Broken", "{ \"scriptFile\": \n  oops }");
    function("Hello", HTTP);

    AppDefinition app = read();

    assertThat(app.functions()).extracting(FunctionDefinition::name).containsExactly("Hello");
    assertThat(app.problems()).hasSize(1);
    assertThat(app.problems().getFirst().function()).isEqualTo("Broken");
    assertThat(app.problems().getFirst().message())
        .startsWith("Broken/function.json is not valid JSON at line 2, column ")
        .contains("oops");
  }

  @Test
  void saysWhatIsMissing() {
    assertThat(problem(HTTP.replace("scriptFile", "scriptfiel")))
        .isEqualTo(
            "Hello/function.json: 'scriptFile' is missing. There is 'scriptfiel'; did you mean that?");
    assertThat(problem(HTTP.replace("entryPoint", "x")))
        .isEqualTo("Hello/function.json: 'entryPoint' is missing.");
    assertThat(problem(HTTP.replace("bindings", "x")))
        .isEqualTo("Hello/function.json: 'bindings' is missing.");
    assertThat(problem(HTTP.replace("\"type\": \"http\",", "")))
        .isEqualTo("Hello/function.json: bindings[1]: 'type' is missing.");
    assertThat(problem(HTTP.replace("\"name\": \"req\",", "\"name\": 5,")))
        .isEqualTo("Hello/function.json: bindings[0]: 'name' must be a text that is not empty.");
    assertThat(problem(HTTP.replace("\"direction\": \"out\"", "\"direction\": \"up\"")))
        .isEqualTo(
            "Hello/function.json: bindings[1]: direction 'up' is unknown; it is in, out or inout.");
    assertThat(problem("[]")).contains("must hold a JSON object, { ... }, and holds an array.");
    assertThat(problem("")).contains("holds nothing");
  }

  @Test
  void saysThatTheScriptFileDoesNotExist() {
    assertThat(problem(HTTP.replace("app-1.0", "app-2.0")))
        .startsWith("Hello/function.json: scriptFile '../app-2.0.jar' does not exist (")
        .contains("Build the app again");
  }

  @Test
  void saysWhatIsWrongWithAnEntryPointOrASource() {
    assertThat(problem(HTTP.replace("com.example.Functions.hello", "hello")))
        .contains("entryPoint 'hello' must be the full name of a class, a dot");
    assertThat(problem(HTTP.replaceFirst("\\{", "{ \"configurationSource\": \"code\",")))
        .contains("configurationSource is 'code'; it may be 'attributes' or 'config'");
  }

  @Test
  void saysWhatIsWrongWithBindings() {
    assertThat(problem(HTTP.replace("httpTrigger", "httpInput"))).contains("None of its bindings");
    assertThat(problem(HTTP.replace("\"type\": \"http\"", "\"type\": \"timerTrigger\"")))
        .contains("It has 2 triggers (httpTrigger 'req', timerTrigger '$return')");
    assertThat(problem(HTTP.replace("$return", "req")))
        .contains("Two of its bindings have the name 'req'.");
    assertThat(problem(HTTP.replace("$return", "my out")))
        .contains("'my out' cannot be the name of a binding (http)");
  }

  @Test
  void saysWhatIsWrongWithARetryPolicy() {
    String retry = "{ \"retry\": { %s },";
    assertThat(problem(HTTP.replaceFirst("\\{", retry.formatted("\"strategy\": \"often\""))))
        .contains("retry: strategy 'often' is unknown; it is fixedDelay or exponentialBackoff.");
    assertThat(
            problem(
                HTTP.replaceFirst(
                    "\\{",
                    retry.formatted(
                        "\"strategy\": \"fixedDelay\", \"maxRetryCount\": -2, \"delayInterval\": \"00:00:01\""))))
        .contains("retry: maxRetryCount is '-2'; it must be a whole number from 0, or -1");
    assertThat(
            problem(
                HTTP.replaceFirst(
                    "\\{",
                    retry.formatted(
                        "\"strategy\": \"fixedDelay\", \"maxRetryCount\": 2, \"delayInterval\": \"5 s\""))))
        .contains("retry: delayInterval: '5 s' is not a span of time; write it as hh:mm:ss");
    assertThat(
            problem(
                HTTP.replaceFirst(
                    "\\{",
                    retry.formatted(
                        "\"strategy\": \"exponentialBackoff\", \"maxRetryCount\": 2, \"minimumInterval\": \"00:01:00\", \"maximumInterval\": \"00:00:10\""))))
        .contains("minimumInterval 00:01:00 is longer than maximumInterval 00:00:10.");
  }

  @Test
  void namesOfFunctionsFollowRules() {
    function("host", HTTP);
    function("1st", HTTP);

    assertThat(read().functions()).isEmpty();
    assertThat(read().problems())
        .extracting(AppProblem::message)
        .anyMatch(message -> message.contains("The name 'host' is the host's own"))
        .anyMatch(message -> message.contains("'1st' cannot be the name of a function"));
  }

  @Test
  void namesThatDifferOnlyInCaseStopEachOther() throws IOException {
    function("Hello", HTTP);
    function("hello", HTTP);
    if (Files.isSameFile(root.resolve("Hello"), root.resolve("hello"))) {
      return; // The file system knows no case.
    }

    AppDefinition app = read();

    assertThat(app.functions()).isEmpty();
    assertThat(app.problems()).hasSize(1);
    assertThat(app.problems().getFirst().message()).contains("Hello, hello differ only in case");
  }

  @Test
  void saysWhereBytesAreNotText() throws IOException {
    Path file = root.resolve("Hello/function.json");
    Files.createDirectories(file.getParent());
    Files.write(file, "{\"scriptFile\": \"\u00e4\"}".getBytes(StandardCharsets.ISO_8859_1));

    assertThat(read().problems()).hasSize(1);
    assertThat(read().problems().getFirst().message()).startsWith("Hello/function.json ");
  }

  @Test
  void listsTheScriptFilesOnce() {
    function("A", HTTP);
    function("B", HTTP);
    function("Broken", "{");
    function("Gone", HTTP.replace("app-1.0", "app-2.0"));

    assertThat(FunctionJson.scriptFiles(root)).isEqualTo(List.of(root.resolve("app-1.0.jar")));
  }

  private AppDefinition read() {
    return FunctionJson.read(root, name -> false);
  }

  private String problem(String json) {
    function("Hello", json);
    AppDefinition app = read();
    assertThat(app.functions()).isEmpty();
    return app.problems().getFirst().message();
  }

  private void function(String name, String json) {
    TestApp.write(root.resolve(name).resolve("function.json"), json);
  }
}
