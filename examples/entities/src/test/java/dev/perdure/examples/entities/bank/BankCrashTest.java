package dev.perdure.examples.entities.bank;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.EntityId;
import dev.perdure.examples.entities.bank.Bank.Opening;
import dev.perdure.examples.entities.bank.Bank.Transfer;
import dev.perdure.testing.CrashEverywhere;
import dev.perdure.testing.CrashReport;
import dev.perdure.testing.TestHub;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bank in a host that is killed at every commit; prints at which, and what ran twice. */
@Timeout(120)
class BankCrashTest {
  @Test
  void moneyIsMovedOnceWhereverTheHostIsKilled() {
    CrashReport report =
        CrashEverywhere.withoutWorld()
            .program(none -> TestHub.builder().register(Account.class).register(new Bank()))
            .scenario(
                (hub, none) -> {
                  hub.run("openBank", new Opening(2), Integer.class);
                  String covered = hub.client().startNew("transfer", transfer(70_00));
                  String tooMuch = hub.client().startNew("transfer", transfer(500_00));
                  return List.of(
                      hub.output(covered, String.class),
                      hub.output(tooMuch, String.class),
                      hub.entityState(account("a-000"), Account.class).balance(),
                      hub.entityState(account("a-001"), Account.class).balance());
                })
            .run();

    System.out.println(report);
    assertThat(report.outcome()).isEqualTo("[\"DONE\",\"REFUSED\",3000,17000]");
    assertThat(report.crashes()).isGreaterThan(report.commits()); // before and after each
    assertThat(report.repeated()).isEmpty(); // operations of entities have their effect once
  }

  private static EntityId account(String key) {
    return EntityId.of(Account.class, key);
  }

  private static Transfer transfer(int cents) {
    return new Transfer("a-000", "a-001", cents);
  }
}
