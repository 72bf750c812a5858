package dev.perdure.examples.entities.bank;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.examples.entities.Ask;
import dev.perdure.examples.entities.bank.Bank.Opening;
import dev.perdure.examples.entities.bank.Bank.Outcome;
import dev.perdure.examples.entities.bank.Bank.Transfer;
import dev.perdure.testing.LivenessAudit;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BankTest {
  private final Perdure perdure = Bank.register(Perdure.inMemory()).start();
  private final PerdureClient client = perdure.client();

  @AfterEach
  void close() {
    try (perdure) {
      LivenessAudit.check(client);
    }
  }

  @Test
  void transfersMoveMoneyAndMakeNone() throws Exception {
    Work work = new Work(10, 1_000, 200);
    work.open(client);
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);

    work.run(
        client,
        whenEnded(
            outcome -> {
              synchronized (outcomes) {
                outcomes.merge(outcome, 1, Integer::sum);
              }
            }));

    assertThat(work.audit(client)).isEqualTo(10L * Opening.CENTS_EACH);
    assertThat(outcomes).containsOnlyKeys(Outcome.DONE, Outcome.REFUSED);
    assertThat(outcomes.values().stream().mapToInt(n -> n).sum()).isEqualTo(1_000);
    assertThat(Bank.accounts(10)).allSatisfy(id -> assertThat(balance(id)).isNotNegative());
    assertThat(Bank.accounts(10)).extracting(this::balance).doesNotContain(0L + Opening.CENTS_EACH);
  }

  @Test
  void whoLooksInBetweenNeverSeesMoneyOnItsWay() throws Exception {
    Work work = new Work(6, 400, 60);
    work.open(client);
    CountDownLatch begun = new CountDownLatch(20);
    Thread transfers =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    work.run(client, whenEnded(outcome -> begun.countDown()));
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    begun.await();

    Set<Long> seen = new HashSet<>();
    int auditsMeanwhile = 0;
    while (transfers.isAlive()) {
      seen.add(work.audit(client));
      auditsMeanwhile++;
    }

    assertThat(auditsMeanwhile).isGreaterThan(1);
    assertThat(seen).containsExactly(6L * Opening.CENTS_EACH);
  }

  @Test
  void tooLittleMoneyIsRefusedAndNothingMoves() {
    new Work(2, 0, 1).open(client);

    assertThat(transfer(new Transfer("a-000", "a-001", Opening.CENTS_EACH + 1)))
        .isEqualTo(Outcome.REFUSED);
    assertThat(Bank.accounts(2))
        .extracting(this::balance)
        .containsExactly(0L + Opening.CENTS_EACH, 0L + Opening.CENTS_EACH);
    assertThat(transfer(new Transfer("a-000", "a-001", Opening.CENTS_EACH)))
        .isEqualTo(Outcome.DONE);
    assertThat(Bank.accounts(2))
        .extracting(this::balance)
        .containsExactly(0L, 2L * Opening.CENTS_EACH);
  }

  @Test
  void transfersInOppositeDirectionsDoNotWaitForEachOtherForEver() throws Exception {
    new Work(2, 0, 1).open(client);
    for (int i = 0; i < 100; i++) {
      boolean there = i % 2 == 0;
      client.startNew(
          "transfer",
          new Transfer(there ? "a-000" : "a-001", there ? "a-001" : "a-000", 1),
          StartOptions.id("t-" + i));
    }

    for (int i = 0; i < 100; i++) {
      assertThat(Ask.endOf(client, "t-" + i).output(Outcome.class)).isEqualTo(Outcome.DONE);
    }
    assertThat(Bank.accounts(2))
        .extracting(this::balance)
        .containsExactly(0L + Opening.CENTS_EACH, 0L + Opening.CENTS_EACH);
  }

  @Test
  void aTransferThatFailsForAnotherReasonFailsAndGivesItsLocksBack() {
    new Work(2, 0, 1).open(client);
    String id = client.startNew("transfer", new Transfer("a-000", "a-001", -5));

    assertThat(Ask.endOf(client, id).status()).isEqualTo(OrchestrationStatus.FAILED);
    assertThat(transfer(new Transfer("a-001", "a-000", 5))).isEqualTo(Outcome.DONE);
  }

  @Test
  void aTransferIsTheSameEachTimeAndNeverToItself() {
    for (int number = 0; number < 500; number++) {
      Transfer transfer = Transfer.of(number, 7);
      assertThat(transfer).isEqualTo(Transfer.of(number, 7));
      assertThat(transfer.from()).isNotEqualTo(transfer.to());
      assertThat(List.of(transfer.from(), transfer.to()))
          .isSubsetOf(Bank.accounts(7).stream().map(EntityId::key).toList());
    }
  }

  private static Work.Listener whenEnded(Consumer<Outcome> listener) {
    return new Work.Listener() {
      @Override
      public void ended(int number, Outcome outcome) {
        listener.accept(outcome);
      }

      @Override
      public void found(int number, Outcome outcome) {
        throw new AssertionError("transfer %d had ended before".formatted(number));
      }
    };
  }

  private Outcome transfer(Transfer transfer) {
    return Ask.of(client, "transfer", transfer, Outcome.class);
  }

  private long balance(EntityId account) {
    EntityMetadata known = client.getEntity(account).orElseThrow();
    return known.state(Account.class).balance();
  }
}
