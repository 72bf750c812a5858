package dev.perdure.trigger.storage;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.opentest4j.TestAbortedException;

/**
 * The storage emulator, for all tests of a run: installed from npm below the directory of what is
 * built, started when the first test needs it, on free ports, and ended with the JVM. Where it
 * cannot be had, tests are skipped and say why.
 */
final class Azurite {
  static final String ACCOUNT = "devstoreaccount1";
  static final String KEY =
      "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

  private static final int NODE_MIN = 18;
  private static final Pattern LISTENING =
      Pattern.compile("Azurite (Blob|Queue|Table) service is successfully listening at (\\S+)");

  private static Azurite running;
  private static String reason;

  private final Map<String, String> addresses;

  private Azurite(Map<String, String> addresses) {
    this.addresses = addresses;
  }

  /** The emulator; skips the test if there is none. */
  static synchronized Azurite running() {
    if (running == null && reason == null) {
      try {
        running = start(install());
      } catch (IOException | InterruptedException | IllegalStateException e) {
        reason =
            "SKIPPED: queues and blobs are not tested against a server, because Azurite cannot be had here: "
                + e.getMessage();
      }
    }
    if (reason != null) {
      System.out.println(reason);
      throw new TestAbortedException(reason);
    }
    return running;
  }

  /** A connection string. */
  String connectionString() {
    return connectionString(KEY);
  }

  /** A connection string with another key. */
  String connectionString(String key) {
    return "DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;BlobEndpoint=%s/%s;QueueEndpoint=%s/%s;"
        .formatted(ACCOUNT, key, addresses.get("Blob"), ACCOUNT, addresses.get("Queue"), ACCOUNT);
  }

  StorageConnection connection() {
    return StorageConnection.parse("Test", connectionString());
  }

  AzureQueue queue(String name) {
    return new AzureQueue(connection(), name);
  }

  AzureBlobs blobs() {
    return new AzureBlobs(connection());
  }

  /** How many messages are in a queue, those that are invisible among them; 0 if there is none. */
  long count(String queue) {
    try {
      return Service.queues(connection())
          .queueClient()
          .getQueueClient(queue)
          .getProperties()
          .getApproximateMessagesCountLong();
    } catch (com.azure.storage.queue.models.QueueStorageException e) {
      return 0;
    }
  }

  /** A name that nobody else has. */
  static String unique(String prefix) {
    return prefix + "-" + UUID.randomUUID().toString().substring(0, 8);
  }

  // ---- installing and starting ----------------------------------------------------------------

  private static Path install() throws IOException, InterruptedException {
    String version = node();
    Matcher node = Pattern.compile("v(\\d+)\\..*").matcher(version);
    if (!node.matches() || Integer.parseInt(node.group(1)) < NODE_MIN) {
      throw new IllegalStateException(
          "Node.js %d or newer is needed, and this is %s.".formatted(NODE_MIN, version));
    }
    Path home = Path.of("target", "azurite").toAbsolutePath();
    Files.createDirectories(home);
    for (String file : List.of("package.json", "package-lock.json")) {
      Files.copy(Path.of("azurite", file), home.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    Path lock = home.resolve("package-lock.json");
    Path installed = home.resolve("node_modules/installed-from-package-lock.json");
    if (!Files.exists(installed) || Files.mismatch(installed, lock) != -1) {
      String unused =
          output(home, "npm", "ci", "--ignore-scripts", "--no-audit", "--loglevel=error");
      Files.copy(lock, installed, StandardCopyOption.REPLACE_EXISTING);
    }
    return home;
  }

  /** The version of Node.js, which is installed if it is missing and we may. */
  private static String node() throws IOException, InterruptedException {
    try {
      return output(Path.of("."), "node", "--version");
    } catch (IOException e) {
      if (!System.getProperty("user.name").equals("root")) {
        throw e;
      }
    }
    System.out.println("Installing Node.js and npm, to test queues and blobs against Azurite.");
    String unused = output(Path.of("."), "apt-get", "update");
    unused =
        output(
            Path.of("."), "apt-get", "install", "-y", "--no-install-recommends", "nodejs", "npm");
    return output(Path.of("."), "node", "--version");
  }

  private static String output(Path directory, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(String.join(" ", command) + " fails: " + output);
    }
    return output;
  }

  private static Azurite start(Path home) throws IOException {
    ProcessBuilder command =
        new ProcessBuilder(
            List.of(
                "node",
                "node_modules/azurite/dist/src/azurite.js",
                "--silent",
                "--inMemoryPersistence",
                "--extentMemoryLimit",
                "512",
                "--disableTelemetry",
                "--blobPort",
                "0",
                "--queuePort",
                "0",
                "--tablePort",
                "0"));
    command.environment().remove("NODE_OPTIONS");
    Process process = command.directory(home.toFile()).redirectErrorStream(true).start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    Map<String, String> addresses = new HashMap<>();
    List<String> said = new ArrayList<>();
    while (addresses.size() < 3) {
      String line = lines.readLine();
      if (line == null) {
        throw new IllegalStateException("it ends at once and says: " + String.join(" ", said));
      }
      said.add(line);
      Matcher matcher = LISTENING.matcher(line);
      if (matcher.find()) {
        addresses.put(matcher.group(1), matcher.group(2));
      }
    }
    Thread.ofVirtual().start(() -> lines.lines().forEach(line -> {}));
    return new Azurite(addresses);
  }
}
