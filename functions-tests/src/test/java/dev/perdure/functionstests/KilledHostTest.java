package dev.perdure.functionstests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code perdure start} as a process that is killed while it works. */
class KilledHostTest {
  private static final Pattern READY = Pattern.compile("HTTP on port (\\d+)");
  private static final int JOBS = 40;

  @TempDir Path data;

  private record Running(Process process, int port) implements AutoCloseable {
    @Override
    public void close() throws Exception {
      process.destroyForcibly().waitFor();
    }
  }

  private Running start() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-jar",
                System.getProperty("perdure.jar"),
                "start",
                ExampleAppTest.EXAMPLE.toString(),
                "--port",
                "0",
                "--grpc-port",
                "0",
                "--data",
                data.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher ready = READY.matcher(line);
      if (ready.find()) {
        return new Running(process, Integer.parseInt(ready.group(1)));
      }
    }
    throw new IOException("The host has ended before it was ready.");
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void nothingIsLost() throws Exception {
    List<String> jobs = new ArrayList<>();
    String waiting;
    try (Running first = start()) {
      Http http = new Http(first.port());
      waiting = http.start("approval_orchestrator", "{\"subject\":\"after the crash\"}");
      for (int i = 0; i < JOBS; i++) {
        jobs.add(http.start("BlobJobOrchestrator", "job " + i));
      }
    } // killed, while some of them are under way
    try (Running second = start()) {
      Http http = new Http(second.port());
      assertThat(
              http.postJson(Http.instance(waiting) + "/raiseEvent/Approval", "true").statusCode())
          .isEqualTo(202);
      assertThat(ended(http, waiting)).contains("\"outcome\":\"approved\"");
      for (int i = 0; i < JOBS; i++) {
        assertThat(ended(http, jobs.get(i))).contains("BlobJobActivity1: job " + i);
      }
      second.process().destroy(); // an orderly end this time
      assertThat(second.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(second.process().exitValue()).isEqualTo(143);
    }
  }

  private static String ended(Http http, String id) throws InterruptedException {
    return http.await(Http.instance(id), "\"runtimeStatus\":\"Completed\"");
  }
}
