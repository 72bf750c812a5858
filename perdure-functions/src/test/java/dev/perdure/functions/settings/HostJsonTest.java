package dev.perdure.functions.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.TestApp;
import dev.perdure.functions.definition.RetryPolicy;
import dev.perdure.functions.settings.HostSettings.DurableTask;
import dev.perdure.functions.text.InvalidFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostJsonTest {
  @TempDir Path root;

  @Test
  void withoutTheFileDefaultsApply() {
    HostSettings host = HostJson.read(root, Settings.NONE);

    assertThat(host.functionTimeout()).isEqualTo(Duration.ofMinutes(30));
    assertThat(host.http().routePrefix()).isEqualTo("api");
    assertThat(host.durableTask()).isEqualTo(DurableTask.DEFAULTS);
    assertThat(host.warnings())
        .containsExactly("There is no host.json in '%s'; defaults apply.".formatted(root));
  }

  @Test
  void whatTheMavenArchetypeMakesHasNoWarnings() {
    HostSettings host =
        read(
            "\"extensionBundle\": {\"id\": \"Microsoft.Azure.Functions.ExtensionBundle\", \"version\": \"[4.*, 5.0.0)\"}, \"logging\": {\"applicationInsights\": {\"samplingSettings\": {\"isEnabled\": true}}}");

    assertThat(host).isEqualTo(HostSettings.DEFAULTS);
  }

  @Test
  void everythingThatCounts() {
    HostSettings host =
        read(
            """
            "functionTimeout": "00:05:00",
            "functions": ["A", "B"],
            "retry": {"strategy": "fixedDelay", "maxRetryCount": 2, "delayInterval": "00:00:03"},
            "logging": {"logLevel": {"default": "Warning", "Function.A.User": "Trace"}},
            "extensions": {
              "http": {"routePrefix": "/v1/", "maxOutstandingRequests": 20, "maxConcurrentRequests": 10,
                       "customHeaders": {"X-Content-Type-Options": "nosniff"}},
              "durableTask": {"hubName": "%Hub%", "maxConcurrentActivityFunctions": 4,
                              "maxConcurrentOrchestratorFunctions": 5, "maxConcurrentEntityFunctions": 6,
                              "overridableExistingInstanceStates": "AnyState", "defaultVersion": "1.1",
                              "httpSettings": {"useForwardedHost": true, "defaultAsyncRequestSleepTimeMilliseconds": 9}},
              "eventHubs": {"maxEventBatchSize": 50}
            }
            """,
            Map.of("hub", "Orders"));

    assertThat(host.functionTimeout()).isEqualTo(Duration.ofMinutes(5));
    assertThat(host.functions()).containsExactly("A", "B");
    assertThat(host.retry())
        .isEqualTo(
            new RetryPolicy(
                RetryPolicy.Strategy.FIXED_DELAY, 2, Duration.ofSeconds(3), Duration.ofSeconds(3)));
    assertThat(host.logLevels())
        .isEqualTo(Map.of("default", LogLevel.WARNING, "Function.A.User", LogLevel.TRACE));
    assertThat(host.http())
        .isEqualTo(
            new HostSettings.Http("v1", 20, 10, Map.of("X-Content-Type-Options", "nosniff")));
    assertThat(host.durableTask()).isEqualTo(new DurableTask("Orders", 4, 5, 6, true, "1.1", true));
    assertThat(host.extensions().get("EVENTHUBS")).isEqualTo(Map.of("maxEventBatchSize", 50));
    assertThat(host.warnings()).isEmpty();
  }

  @Test
  void namesOfKeysAreTakenInAnyCase() {
    assertThat(read("\"Extensions\": {\"HTTP\": {\"RoutePrefix\": \"\"}}").http().routePrefix())
        .isEmpty();
  }

  @Test
  void thereMayBeNoTimeout() {
    assertThat(read("\"functionTimeout\": \"-1\"").functionTimeout()).isNull();
  }

  @Test
  void settingsOverrideEveryValue() {
    HostSettings host =
        read(
            "\"functionTimeout\": \"00:05:00\", \"functions\": [\"A\", \"B\"]",
            Map.of(
                "AzureFunctionsJobHost__functionTimeout", "00:01:00",
                "azurefunctionsjobhost__extensions__http__ROUTEPREFIX", "x",
                "AzureFunctionsJobHost:extensions:durableTask:maxConcurrentActivityFunctions", "3",
                "AzureFunctionsJobHost__logging__logLevel__Host.Results", "Error",
                "AzureFunctionsJobHost__functions__1", "C"));

    assertThat(host.functionTimeout()).isEqualTo(Duration.ofMinutes(1));
    assertThat(host.http().routePrefix()).isEqualTo("x");
    assertThat(host.durableTask().activitiesMax()).isEqualTo(3);
    assertThat(host.logLevels()).isEqualTo(Map.of("Host.Results", LogLevel.ERROR));
    assertThat(host.functions()).containsExactly("A", "C");
    assertThat(host.warnings()).isEmpty();
  }

  @Test
  void settingsOverrideWithoutAFile() {
    assertThat(
            HostJson.read(root, Settings.of(Map.of("AzureFunctionsJobHost__functions__0", "Only")))
                .functions())
        .containsExactly("Only");
  }

  @Test
  void unknownKeysAreWarnedAboutOnce() {
    HostSettings host =
        read(
            """
            "functionTimeOuts": "00:05:00",
            "extensions": {"http": {"routePrefixx": "a"}, "durableTask": {"hubname2": "a"}, "own": {}}
            """,
            Map.of("AzureFunctionsJobHost__loging__logLevel__default", "x"));

    assertThat(host.warnings())
        .containsExactlyInAnyOrder(
            "host.json: functionTimeOuts is unknown and has no effect. Did you mean 'functionTimeout'?",
            "host.json: extensions.http.routePrefixx is unknown and has no effect. Did you mean 'routePrefix'?",
            "host.json: extensions.durableTask.hubname2 is unknown and has no effect. Did you mean 'hubName'?",
            "host.json: extensions.own is unknown and has no effect.",
            "The setting AzureFunctionsJobHost__loging__logLevel__default is unknown and has no effect. Did you mean 'logging'?");
  }

  @Test
  void aLogLevelThatIsNoneLeavesTheDefault() {
    HostSettings host =
        read(
            """
            "logging": {"logLevel": {"default": "Info", "Function.A": "verbose", "Function.B": "none"}}
            """,
            Map.of("AzureFunctionsJobHost__logging__logLevel__Function", "warnin"));

    assertThat(host.logLevels()).isEqualTo(Map.of("Function.B", LogLevel.NONE));
    assertThat(host.warnings())
        .containsExactlyInAnyOrder(
            "host.json: logging.logLevel.default is 'Info', which is no log level, and has no effect. The levels are Trace, Debug, Information, Warning, Error, Critical, None. Did you mean 'Information'?",
            "host.json: logging.logLevel.Function.A is 'verbose', which is no log level, and has no effect. The levels are Trace, Debug, Information, Warning, Error, Critical, None.",
            "The setting AzureFunctionsJobHost__logging__logLevel__Function is 'warnin', which is no log level, and has no effect. The levels are Trace, Debug, Information, Warning, Error, Critical, None. Did you mean 'Warning'?");
  }

  @Test
  void keysThatDoNothingHereAreNamedInOneWarning() {
    assertThat(
            read("""
                    "extensions": {"durableTask": {
                      "storageProvider": {"type": "mssql"}, "maxOrchestrationActions": 5,
                      "useGracefulShutdown": true }}
                    """)
                .warnings())
        .containsExactly(
            "These keys of host.json have no effect here: extensions.durableTask.maxOrchestrationActions, extensions.durableTask.storageProvider.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"functionTimeout\": \"5 minutes\"|host.json: functionTimeout: '5 minutes' is not a span of time; write it as hh:mm:ss or d.hh:mm:ss, such as 00:05:00 for five minutes.",
        "\"functionTimeout\": 5|host.json: functionTimeout is '5'; it must be a span of time as hh:mm:ss.",
        "\"functionTimeout\": \"00:00:00\"|host.json: functionTimeout is '00:00:00'; it must be at least a second, or -1 for no limit.",
        "\"functions\": \"A\"|host.json: functions is 'A'; it must be an array of texts.",
        "\"functions\": [1]|host.json: functions is an array; it must be an array of texts.",
        "\"retry\": {\"strategy\": \"x\"}|host.json: retry: strategy 'x' is unknown; it is fixedDelay or exponentialBackoff.",
        "\"retry\": 3|host.json: retry is '3'; it must be an object, { ... }.",
        "\"logging\": []|host.json: logging is an array; it must be an object, { ... }.",
        "\"extensions\": {\"durableTask\": {\"httpSettings\": {\"useForwardedHost\": 1}}}|host.json: extensions.durableTask.httpSettings.useForwardedHost is '1'; it must be true or false.",
        "\"aggregator\": {\"isEnabled\": \"yes\"}|host.json: aggregator.isEnabled is 'yes'; it must be true or false.",
        "\"extensions\": {\"http\": {\"routePrefix\": {}}}|host.json: extensions.http.routePrefix is an object; it must be a text.",
        "\"extensions\": {\"http\": {\"maxConcurrentRequests\": \"many\"}}|host.json: extensions.http.maxConcurrentRequests is 'many'; it must be a whole number.",
        "\"extensions\": {\"http\": {\"maxConcurrentRequests\": 0}}|host.json: extensions.http.maxConcurrentRequests is 0, so no request would ever run; it must be at least 1, or -1 for no limit.",
        "\"extensions\": {\"durableTask\": {\"maxConcurrentEntityFunctions\": 0}}|host.json: extensions.durableTask.maxConcurrentEntityFunctions is 0; it must be at least 1.",
        "\"extensions\": {\"durableTask\": {\"overridableExistingInstanceStates\": \"All\"}}|host.json: extensions.durableTask.overridableExistingInstanceStates is 'All'; it must be NonRunningStates or AnyState."
      })
  void wrongValuesAreNamedByTheirPath(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage(message);
  }

  @Test
  void wrongSettingsAreNamed() {
    assertThatThrownBy(() -> read("", Map.of("AzureFunctionsJobHost__functionTimeout", "soon")))
        .hasMessageStartingWith(
            "The setting AzureFunctionsJobHost__functionTimeout: 'soon' is not");
    assertThatThrownBy(
            () ->
                read(
                    "\"functionTimeout\": \"00:01:00\"",
                    Map.of("AzureFunctionsJobHost__functionTimeout__x", "1")))
        .hasMessage(
            "The setting AzureFunctionsJobHost__functionTimeout__x cannot override something in host.json: 'functionTimeout' is no object there.");
  }

  @Test
  void aHubNameMayNotNameASettingThatDoesNotExist() {
    assertThatThrownBy(() -> read("\"extensions\": {\"durableTask\": {\"hubName\": \"%Gone%\"}}"))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageStartingWith(
            "host.json: extensions.durableTask.hubName: '%Gone%' names the setting 'Gone'");
  }

  @Test
  void theVersionMustBeKnown() {
    TestApp.write(root.resolve("host.json"), "{}");
    assertThatThrownBy(() -> HostJson.read(root, Settings.NONE))
        .hasMessage("host.json has no version. Add \"version\": \"2.0\".");
    TestApp.write(root.resolve("host.json"), "{\"version\": \"1.0\"}");
    assertThatThrownBy(() -> HostJson.read(root, Settings.NONE))
        .hasMessage("host.json: version is '1.0', and only '2.0' is known.");
  }

  @Test
  void malformedJsonIsNamedWithItsPlace() {
    TestApp.write(root.resolve("host.json"), "{\n  \"version\": \"2.0\"\n  \"functions\": []\n}");

    assertThatThrownBy(() -> HostJson.read(root, Settings.NONE))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageStartingWith("host.json is not valid JSON at line 3, column ");
  }

  private HostSettings read(String json) {
    return read(json, Map.of());
  }

  private HostSettings read(String json, Map<String, String> settings) {
    TestApp.write(
        root.resolve("host.json"),
        "{ \"version\": \"2.0\"" + (json.isBlank() ? "" : ", " + json) + " }");
    return HostJson.read(root, Settings.of(settings));
  }
}
