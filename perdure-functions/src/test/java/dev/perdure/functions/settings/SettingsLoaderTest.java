package dev.perdure.functions.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.TestApp;
import dev.perdure.functions.text.InvalidFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsLoaderTest {
  @TempDir Path root;

  @Test
  void withoutFilesThereIsTheEnvironment() {
    AppSettings loaded = load(Map.of("A", "1"));

    assertThat(loaded.settings().all()).isEqualTo(Map.of("A", "1"));
    assertThat(loaded.host()).isEqualTo(LocalHost.DEFAULTS);
    assertThat(loaded.notes()).isEmpty();
  }

  @Test
  void theEnvironmentWinsThenDotEnvThenLocalSettings() {
    local(
        "\"IsEncrypted\": false, \"Values\": {\"A\": \"local\", \"B\": \"local\", \"C\": \"local\"}");
    dotEnv("A=dotenv\nB=dotenv\n");

    AppSettings loaded = load(Map.of("a", "environment"));

    assertThat(loaded.settings().get("A")).isEqualTo("environment");
    assertThat(loaded.settings().get("B")).isEqualTo("dotenv");
    assertThat(loaded.settings().get("C")).isEqualTo("local");
    assertThat(loaded.notes())
        .containsExactly(
            "A in .env is skipped, because the environment has it.",
            "A in local.settings.json is skipped, because the environment has it.",
            "B in local.settings.json is skipped, because .env has it.");
  }

  @Test
  void whatIsTheSameEverywhereIsNotNoted() {
    local("\"IsEncrypted\": false, \"Values\": {\"A\": \"1\"}");

    assertThat(load(Map.of("A", "1")).notes()).isEmpty();
  }

  /** The JVM of the host runs already when the files are read. */
  @Test
  void optionsOfTheJvmAreNotedWhereTheyHaveNoEffect() {
    local(
        """
        "IsEncrypted": false,
        "Values": { "JAVA_OPTS": "-Dpassword=secret", "languageWorkers__java__arguments": "-Xmx1g" }
        """);
    dotEnv("PERDURE_JAVA_OPTS=-Xmx2g");

    assertThat(load(Map.of("languageWorkers:java:arguments", "-Xmx1g")).notes())
        .containsExactlyInAnyOrder(
            "languageWorkers:java:arguments in the environment has no effect, since the host and its functions share a JVM, which runs already. Set PERDURE_JAVA_OPTS in the environment that ./perdure is started in.",
            "PERDURE_JAVA_OPTS in .env has no effect, since the host and its functions share a JVM, which runs already. Set PERDURE_JAVA_OPTS in the environment that ./perdure is started in.",
            "JAVA_OPTS in local.settings.json has no effect, since the host and its functions share a JVM, which runs already. Set PERDURE_JAVA_OPTS in the environment that ./perdure is started in.",
            "languageWorkers__java__arguments in local.settings.json has no effect, since the host and its functions share a JVM, which runs already. Set PERDURE_JAVA_OPTS in the environment that ./perdure is started in.");
  }

  @Test
  void optionsOfTheJvmInTheEnvironmentMayBeForSomethingElse() {
    assertThat(load(Map.of("JAVA_OPTS", "-Xmx1g", "PERDURE_JAVA_OPTS", "-Xmx2g")).notes())
        .isEmpty();
  }

  @Test
  void localSettingsMayHaveCommentsAndConnectionStrings() {
    local(
        """
        // local only
        "isencrypted": false,
        "Values": { "Flag": true, "Number": 5, "Text": "x", },
        "ConnectionStrings": {
          "Sql": "Server=x",
          "Other": { "ConnectionString": "Server=y", "ProviderName": "z" }
        }
        """);

    Settings settings = load(Map.of()).settings();

    assertThat(settings.all())
        .isEqualTo(
            Map.of(
                "Flag", "true",
                "Number", "5",
                "Text", "x",
                "ConnectionStrings:Sql", "Server=x",
                "ConnectionStrings:Other", "Server=y"));
    assertThat(settings.connection("Sql")).isEqualTo("Server=x");
  }

  @Test
  void localSettingsSayHowTheHostListens() {
    local(
        """
        "IsEncrypted": false,
        "Host": { "LocalHttpPort": 7072, "LocalHttpAddress": "0.0.0.0",
                  "CORS": "http://a, http://b", "CORSCredentials": true }
        """);

    assertThat(load(Map.of()).host())
        .isEqualTo(new LocalHost(7072, "0.0.0.0", List.of("http://a", "http://b"), true));
  }

  @Test
  void credentialsNeedNamedOrigins() {
    local("\"IsEncrypted\": false, \"Host\": {\"CORS\": \"*\", \"CORSCredentials\": \"true\"}");

    assertThat(load(Map.of()).host()).isEqualTo(new LocalHost(null, null, List.of("*"), false));
    assertThat(load(Map.of()).notes()).hasSize(1);
  }

  @Test
  void keysThatAreUnknownAreNoted() {
    local("\"IsEncrypted\": false, \"Value\": {}, \"Host\": {\"LocalHttpsPort\": 1}");

    assertThat(load(Map.of()).notes())
        .containsExactly(
            "local.settings.json: Value is unknown and has no effect. Did you mean 'Values'?",
            "local.settings.json: Host.LocalHttpsPort is unknown and has no effect. Did you mean 'LocalHttpPort'?");
  }

  @Test
  void encryptedValuesAreRefused() {
    local("\"Values\": {}");
    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage(
            "local.settings.json has no IsEncrypted, which counts as true, and only plain values can be read. Add \"IsEncrypted\": false.");
    local("\"IsEncrypted\": true, \"Values\": {}");
    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("func settings decrypt");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"Values\": []|Values must be an object, { ... }.",
        "\"Values\": {\"A\": {}}|Values.A must be a text; settings cannot be objects or arrays.",
        "\"ConnectionStrings\": {\"A\": {}}|ConnectionStrings.A has no ConnectionString.",
        "\"Host\": {\"LocalHttpPort\": \"x\"}|Host.LocalHttpPort is 'x'; it must be a number from 0 to 65535.",
        "\"Host\": {\"LocalHttpPort\": 65536}|Host.LocalHttpPort is '65536'; it must be a number from 0 to 65535.",
        "\"Host\": {\"CORSCredentials\": \"x\"}|Host.CORSCredentials is 'x'; it must be true or false."
      })
  void wrongValuesAreNamedByTheirPath(String both) {
    String[] parts = both.split("\\|", -1);
    local("\"IsEncrypted\": false, " + parts[0]);

    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage("local.settings.json: " + parts[1]);
  }

  @Test
  void malformedFilesAreNamedWithoutTheirSecrets() {
    local("\"IsEncrypted\": false, \"Values\": {\"Key\": secret}");
    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageStartingWith("local.settings.json is not valid JSON at line 1, column ")
        .hasNoCause()
        .hasMessageNotContaining("secret");

    local("\"IsEncrypted\": false");
    dotEnv("# mine\nA=1\nexport B=secret\n");
    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage(".env, line 3, is not NAME=value; leave out 'export'.")
        .hasNoCause();
    dotEnv("A=1\nsecret\n");
    assertThatThrownBy(() -> load(Map.of()))
        .hasMessage(
            ".env, line 2, is not NAME=value, with a name of letters, digits, '_', '.' and '-'.");
    dotEnv("\uFEFFA=1\n");
    assertThatThrownBy(() -> load(Map.of()))
        .hasMessage(".env, line 1, begins with a byte order mark; save the file without it.");
  }

  @Test
  void dotEnvHasCommentsAndQuotes() {
    dotEnv(
        """
        # comment

        PLAIN=a b
        COMMENTED=a # not this
        DOUBLE="a # b"
        SINGLE='a # b'
        EMPTY=
        EQUALS=Endpoint=sb://x/;Key=abc==
        AzureWebJobs.ToDoTrigger.Disable=true
        AzureFunctionsJobHost__functionTimeout=00:01:00
        """);

    assertThat(load(Map.of()).settings().all())
        .isEqualTo(
            Map.of(
                "PLAIN", "a b",
                "COMMENTED", "a",
                "DOUBLE", "a # b",
                "SINGLE", "a # b",
                "EMPTY", "",
                "EQUALS", "Endpoint=sb://x/;Key=abc==",
                "AzureWebJobs.ToDoTrigger.Disable", "true",
                "AzureFunctionsJobHost__functionTimeout", "00:01:00"));
  }

  @Test
  void theHostAddsWhatAppsExpect() {
    Settings settings = load(Map.of("WEBSITE_HOSTNAME", "mine")).in(root, 7071);

    assertThat(settings.get("AzureWebJobsScriptRoot")).isEqualTo(root.toString());
    assertThat(settings.get("AZURE_FUNCTIONS_ENVIRONMENT")).isEqualTo("Development");
    assertThat(settings.get("FUNCTIONS_WORKER_RUNTIME")).isEqualTo("java");
    assertThat(settings.get("WEBSITE_HOSTNAME")).isEqualTo("mine");
    assertThat(load(Map.of()).in(root, 7071).get("WEBSITE_HOSTNAME")).isEqualTo("localhost:7071");
  }

  @Test
  void anAppForAnotherRuntimeIsRefused() {
    local("\"IsEncrypted\": false, \"Values\": {\"FUNCTIONS_WORKER_RUNTIME\": \"python\"}");

    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage(
            "FUNCTIONS_WORKER_RUNTIME is 'python' (from local.settings.json), and this host runs functions in Java. Set it to java.");
    assertThat(load(Map.of("FUNCTIONS_WORKER_RUNTIME", "Java")).settings()).isNotNull();
  }

  private AppSettings load(Map<String, String> environment) {
    return SettingsLoader.load(root, environment);
  }

  private void local(String json) {
    TestApp.write(root.resolve("local.settings.json"), "{" + json + "}");
  }

  private void dotEnv(String text) {
    TestApp.write(root.resolve(".env"), text);
  }
}
