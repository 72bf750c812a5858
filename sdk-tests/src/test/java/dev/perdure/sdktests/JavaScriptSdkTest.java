package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/**
 * The published JavaScript SDK, both as worker and as client. The tests themselves are in the
 * directory {@code js}; each of them is a dynamic test here.
 */
@ExtendWith(SharedServer.class)
class JavaScriptSdkTest {
  private static final int MINUTES_MAX = 5;

  @TestFactory
  @Timeout(value = MINUTES_MAX + 2, unit = TimeUnit.MINUTES)
  Stream<DynamicNode> javaScript() throws Exception {
    List<DynamicNode> nodes = tests(SharedServer.server(), "", 100);
    nodes.add(
        dynamicTest(
            "nothing that is left is stuck", () -> SharedServer.server().auditWhileItRuns()));
    return nodes.stream();
  }

  @TestFactory
  @Timeout(value = MINUTES_MAX + 2, unit = TimeUnit.MINUTES)
  Stream<DynamicNode> entitiesWhoseOperationsComeInTheOlderForm(@TempDir Path directory)
      throws Exception {
    ServerProcess server = ServerProcess.start(directory.resolve("store"), "--entity-form", "V1");
    try (server) {
      return tests(server, "entities", 20).stream();
    } finally {
      server.audit();
    }
  }

  /**
   * What came of the tests with a server.
   *
   * @param file the name of the only file whose tests run; empty for all
   * @param countMin there are more tests than that
   */
  private static List<DynamicNode> tests(ServerProcess server, String file, int countMin)
      throws Exception {
    Node.assumeInstalled();
    Path directory = Node.install(Path.of("js").toAbsolutePath(), "js");
    List<String> command =
        List.of(
            "node",
            "run.mjs",
            "--test-reporter=./reporter.mjs",
            "--test-reporter-destination=stdout");
    Path said = directory.resolve(file + "said.txt");
    Path told = directory.resolve(file + "results.jsonl");
    ProcessBuilder builder = Node.command(directory, command);
    builder.environment().put("PERDURE_ADDRESS", "127.0.0.1:" + server.port());
    builder.environment().put("PERDURE_TESTS", file);
    Process node = builder.redirectError(said.toFile()).redirectOutput(told.toFile()).start();
    if (!node.waitFor(MINUTES_MAX, TimeUnit.MINUTES)) {
      node.descendants().forEach(ProcessHandle::destroyForcibly);
      node.destroyForcibly().waitFor();
    }

    Map<String, List<DynamicNode>> groups = new LinkedHashMap<>();
    int tests = 0;
    boolean failed = false;
    for (String line : Files.readAllLines(told)) {
      if (Json.read(line) instanceof Map<?, ?> result
          && result.get("path") instanceof List<?> path
          && (!Boolean.TRUE.equals(result.get("suite")) || isFailureOfItsOwn(result))) {
        tests++;
        failed |= !"pass".equals(result.get("event")) && result.get("skipped") == null;
        groups
            .computeIfAbsent(group(path), name -> new ArrayList<>())
            .add(dynamicTest(path.getLast().toString(), () -> check(result)));
      }
    }
    int exitCode = failed ? 0 : node.exitValue();
    int count = tests;
    List<DynamicNode> nodes = new ArrayList<>();
    groups.forEach((name, members) -> nodes.add(dynamicContainer(name, members)));
    // Whatever Node.js did not tell: a file that cannot be read, a crash, a time-out.
    nodes.add(
        dynamicTest(
            "all tests have run",
            () -> {
              assertThat(count)
                  .as("tests that ran; Node.js says:%n%s", Files.readString(said))
                  .isGreaterThan(countMin);
              assertThat(exitCode)
                  .as("exit code of Node.js, which says:%n%s", Files.readString(said))
                  .isZero();
            }));
    return nodes;
  }

  private static String group(List<?> path) {
    return path.size() == 1 ? "files" : path.getFirst().toString();
  }

  /** A group fails with its tests, which is told for each; it may also fail before and after. */
  private static boolean isFailureOfItsOwn(Map<?, ?> result) {
    return "fail".equals(result.get("event"))
        && result.get("error") instanceof String error
        && !error.contains("subtest");
  }

  private static void check(Map<?, ?> result) {
    if (result.get("skipped") != null) {
      throw new TestAbortedException(
          "%s: %s".formatted(result.get("skipped"), result.get("error")));
    }
    if (!"pass".equals(result.get("event"))) {
      throw new AssertionError(result.get("error"));
    }
  }
}
