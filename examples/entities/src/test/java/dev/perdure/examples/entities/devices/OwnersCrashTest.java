package dev.perdure.examples.entities.devices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.examples.entities.devices.Owners.Silent;
import dev.perdure.testing.CrashEverywhere;
import dev.perdure.testing.CrashReport;
import dev.perdure.testing.TestHub;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A fan-out in a host that is killed at every commit; prints at which, and what ran twice. */
@Timeout(120)
class OwnersCrashTest {
  private static final Silent SILENT =
      new Silent(List.of("d-0050", "d-0150", "d-0250", "d-0350", "d-0450", "d-0550"));

  @Test
  void everyOwnerIsToldOnceWhereverTheHostIsKilled() {
    CrashReport report =
        CrashEverywhere.with(Mailbox::new)
            .program(mailbox -> TestHub.builder().register(new Owners(mailbox)))
            .scenario(
                (hub, mailbox) ->
                    List.of(hub.run("tellOwners", SILENT, Integer.class), mailbox.sent()))
            .run();

    System.out.println(report);
    assertThat(report.outcome())
        .startsWith("[6,[\"Your device d-0050 is silent.\"")
        .endsWith("\"Your device d-0550 is silent.\"]]");
    assertThat(report.crashes()).isGreaterThan(report.commits()); // before and after each
    // Activities do run twice; the key of each tells the mailbox, so that no mail is sent twice.
    assertThat(report.repeatedActivities()).containsExactly("tellOwner");
  }
}
