package dev.perdure.functions.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.azure.functions.annotation.QueueTrigger;
import dev.perdure.functions.TestFunctions;
import dev.perdure.functions.TestHost;
import dev.perdure.http.KeyFile;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys of a host that demands them. */
class KeysApiTest {
  private static final String CHOSEN = "a-key-that-i-chose-myself";

  @TempDir Path directory;
  private TestHost host;
  private String master;

  /** The app. */
  public static class Functions {
    /** For everybody. */
    @FunctionName("Open")
    public String open(
        @HttpTrigger(name = "req", authLevel = AuthorizationLevel.ANONYMOUS) String body) {
      return "open";
    }

    /** For those with a key; this is the default. */
    @FunctionName("Hello")
    public String hello(@HttpTrigger(name = "req") String body) {
      return "hello";
    }

    /** Another such. */
    @FunctionName("Other")
    public String other(
        @HttpTrigger(name = "req", authLevel = AuthorizationLevel.FUNCTION) String body) {
      return "other";
    }

    /** For those with the master key. */
    @FunctionName("Rule")
    public String rule(
        @HttpTrigger(name = "req", authLevel = AuthorizationLevel.ADMIN) String body) {
      return "rule";
    }

    /** Not over HTTP. */
    @FunctionName("OnMessage")
    public void onMessage(
        @QueueTrigger(name = "message", queueName = "in", connection = "Q") String message) {}
  }

  @BeforeEach
  void start() throws IOException {
    host =
        TestHost.start(
            directory,
            Map.of(),
            options -> options.withAccess(true, false),
            TestFunctions.of(Functions.class));
    master = KeyFile.open(directory.resolve("data/host.keys")).key("master");
  }

  @AfterEach
  void close() {
    host.close();
  }

  private int status(String function, String key) {
    int withHeader = host.get("/api/" + function, "x-functions-key", key).statusCode();
    assertThat(host.get("/api/" + function + "?code=" + key).statusCode()).isEqualTo(withHeader);
    return withHeader;
  }

  private HttpResponse<String> admin(String method, String path, String body) {
    return host.send(method, path, body, "x-functions-key", master);
  }

  private Map<String, String> keys(String path) {
    HttpResponse<String> response = admin("GET", path, null);
    assertThat(response.statusCode()).isEqualTo(200);
    JsonObject json = JsonParser.parseString(response.body()).getAsJsonObject();
    assertThat(json.get("links").getAsJsonArray()).hasSize(1);
    Map<String, String> keys = new TreeMap<>();
    for (JsonElement key : json.get("keys").getAsJsonArray()) {
      JsonObject pair = key.getAsJsonObject();
      keys.put(pair.get("name").getAsString(), pair.get("value").getAsString());
    }
    return keys;
  }

  @Test
  void aFunctionIsForThoseWhoHaveAKeyOfItOrOfTheHost() {
    String own = keys("/admin/functions/Hello/keys").get("default");
    String forAll = keys("/admin/host/functionkeys").get("default");
    String durable = keys("/admin/host/systemkeys").get("durabletask_extension");

    assertThat(host.get("/api/Open").statusCode()).isEqualTo(200);
    assertThat(host.get("/api/Hello").statusCode()).isEqualTo(401);
    assertThat(host.get("/api/Hello").body()).isEmpty();
    assertThat(status("Hello", own)).isEqualTo(200);
    assertThat(status("Hello", forAll)).isEqualTo(200);
    assertThat(status("Hello", master)).isEqualTo(200);
    assertThat(status("Hello", durable)).isEqualTo(401);
    assertThat(status("Other", own)).isEqualTo(401);
    assertThat(status("Rule", own)).isEqualTo(401);
    assertThat(status("Rule", forAll)).isEqualTo(401);
    assertThat(status("Rule", master)).isEqualTo(200);
  }

  @Test
  void theAdminApiIsForThoseWhoHaveTheMasterKey() {
    String forAll = keys("/admin/host/keys").get("default");

    for (String path :
        new String[] {
          "/admin/functions",
          "/admin/host/status",
          "/admin/host/keys",
          "/admin/functions/Hello",
          "/metrics"
        }) {
      assertThat(host.get(path).statusCode()).isEqualTo(401);
      assertThat(host.get(path, "x-functions-key", forAll).statusCode()).isEqualTo(401);
      assertThat(admin("GET", path, null).statusCode()).isEqualTo(200);
    }
    assertThat(host.post("/admin/functions/OnMessage", "{}").statusCode()).isEqualTo(401);
    assertThat(host.get("/admin/host/ping").statusCode()).isEqualTo(200);
    assertThat(host.get("/").body()).contains("is running").doesNotContain("Hello");
    assertThat(admin("GET", "/", null).body()).contains("Hello");
  }

  @Test
  void aNewKeyCountsAtOnceAndARemovedOneDoesNot() {
    HttpResponse<String> made =
        admin(
            "PUT",
            "/admin/functions/Hello/keys/ci",
            "{\"name\":\"ci\",\"value\":\"" + CHOSEN + "\"}");
    assertThat(made.statusCode()).isEqualTo(201);
    assertThat(made.body()).isEqualTo("{\"name\":\"ci\",\"value\":\"" + CHOSEN + "\"}");
    assertThat(status("Hello", CHOSEN)).isEqualTo(200);
    assertThat(keys("/admin/functions/hello/keys")).containsOnlyKeys("ci", "default");

    HttpResponse<String> renewed = admin("POST", "/admin/functions/Hello/keys/ci", "");
    assertThat(renewed.statusCode()).isEqualTo(200);
    assertThat(status("Hello", CHOSEN)).isEqualTo(401);
    assertThat(status("Hello", keys("/admin/functions/Hello/keys").get("ci"))).isEqualTo(200);

    String own = keys("/admin/functions/Hello/keys").get("default");
    assertThat(admin("DELETE", "/admin/functions/Hello/keys/default", null).statusCode())
        .isEqualTo(204);
    assertThat(status("Hello", own)).isEqualTo(401);
    assertThat(admin("GET", "/admin/functions/Hello/keys/default", null).statusCode())
        .isEqualTo(404);
    assertThat(admin("DELETE", "/admin/functions/Hello/keys/default", null).body())
        .isEqualTo("There is no key 'default'.\n");
  }

  @Test
  void keysOutliveTheHost() throws IOException {
    admin("PUT", "/admin/host/functionkeys/ci", "{\"value\":\"" + CHOSEN + "\"}");
    admin("DELETE", "/admin/host/functionkeys/default", null);
    host.close();
    start();

    assertThat(keys("/admin/host/functionkeys")).containsExactly(Map.entry("ci", CHOSEN));
    assertThat(status("Other", CHOSEN)).isEqualTo(200);
  }

  @Test
  void theMasterKeyIsRenewedButNotRemoved() {
    assertThat(admin("DELETE", "/admin/host/systemkeys/_master", null).statusCode()).isEqualTo(400);
    assertThat(admin("GET", "/admin/host/systemkeys/_master", null).body()).contains(master);
    String old = master;
    master =
        JsonParser.parseString(admin("POST", "/admin/host/systemkeys/_master", "").body())
            .getAsJsonObject()
            .get("value")
            .getAsString();

    assertThat(status("Rule", old)).isEqualTo(401);
    assertThat(status("Rule", master)).isEqualTo(200);
  }

  @Test
  void linksCarryTheKeyThatCounts() {
    String path = "/runtime/webhooks/durabletask/instances";
    String old = keys("/admin/host/systemkeys").get("durabletask_extension");
    assertThat(host.get(path + "?code=" + old).statusCode()).isEqualTo(200);

    admin("POST", "/admin/host/systemkeys/durabletask_extension", "");

    String fresh = keys("/admin/host/systemkeys").get("durabletask_extension");
    assertThat(host.get(path + "?code=" + old).statusCode()).isEqualTo(401);
    assertThat(host.get(path + "?code=" + fresh).statusCode()).isEqualTo(200);
    assertThat(host.get("/hubs/default/audit?code=" + old).statusCode()).isEqualTo(401);
    assertThat(host.get("/hubs/default/audit?code=" + fresh).statusCode()).isEqualTo(200);
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThat(admin("GET", "/admin/functions/Helo/keys", null).statusCode()).isEqualTo(404);
    assertThat(admin("PUT", "/admin/host/keys/a%20b", "").statusCode()).isEqualTo(400);
    HttpResponse<String> tooShort = admin("PUT", "/admin/host/keys/a", "{\"value\":\"short\"}");
    assertThat(tooShort.statusCode()).isEqualTo(400);
    assertThat(tooShort.body()).contains("16 to 200").doesNotContain("short");
    assertThat(admin("PUT", "/admin/host/keys/a", "nonsense").statusCode()).isEqualTo(400);
    assertThat(admin("PUT", "/admin/host/keys/a", "{\"name\":\"b\"}").body())
        .isEqualTo("The body names the key 'b', and the address 'a'.\n");
    assertThat(keys("/admin/host/keys")).containsOnlyKeys("default");
  }
}
