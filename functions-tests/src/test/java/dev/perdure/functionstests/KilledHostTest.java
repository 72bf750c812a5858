package dev.perdure.functionstests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code perdure start} as a process that is killed while it works. */
class KilledHostTest {
  private static final int JOBS = 40;

  @TempDir Path data;

  /** No hub of this machine plays a part. */
  private HostProcess start() throws Exception {
    return HostProcess.start(data, Map.of("AzureWebJobs_IoTHub_Trigger_Disabled", "true"));
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void nothingIsLost() throws Exception {
    List<String> jobs = new ArrayList<>();
    String waiting;
    try (HostProcess first = start()) {
      Http http = new Http(first.port());
      waiting = http.start("approval_orchestrator", "{\"subject\":\"after the crash\"}");
      for (int i = 0; i < JOBS; i++) {
        jobs.add(http.start("BlobJobOrchestrator", "job " + i));
      }
    } // killed, while some of them are under way
    try (HostProcess second = start()) {
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
