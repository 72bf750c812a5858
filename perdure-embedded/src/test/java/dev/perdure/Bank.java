package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PerdureClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Accounts, tallies, and transfers under locks: entities for hubs that are killed and copied. */
final class Bank {
  static final int ACCOUNTS = 4;
  private static final int START_BALANCE = 1_000;

  private Bank() {}

  @Entity
  static class Account {
    int balance = START_BALANCE;

    int balance() {
      return balance;
    }

    void set(int next) {
      balance = next;
    }
  }

  /** Knows which numbers have come, and in which order. */
  @Entity
  static class Tally {
    List<Integer> numbers = new ArrayList<>();

    void take(int number) {
      numbers.add(number);
    }
  }

  static EntityId account(int number) {
    return EntityId.of(Account.class, "" + number % ACCOUNTS);
  }

  static EntityId tally(String key) {
    return EntityId.of(Tally.class, key);
  }

  private static Object transfer(OrchestrationContext ctx, Integer n) {
    EntityId from = account(n);
    EntityId to = account(n + 1 + n % 3);
    try (CriticalSection section = ctx.lockEntities(from, to).await()) {
      int left = ctx.callEntity(from, Account::balance).await() - 10;
      ctx.callEntity(from, Account::set, left).await();
      int more = ctx.callEntity(to, Account::balance).await() + 10;
      ctx.callEntity(to, Account::set, more).await();
      return section.entities().size();
    }
  }

  static Perdure open(Path directory) {
    return Perdure.embedded(directory)
        .storeOptions(Hubs::small)
        .entity(Account.class)
        .entity(Tally.class)
        .orchestrator("transfer", Integer.class, Bank::transfer)
        .start();
  }

  /** All entities with their states. */
  static List<EntityMetadata> entities(PerdureClient client) {
    List<EntityMetadata> all = new ArrayList<>();
    EntityQuery query = EntityQuery.ALL.withStatelessToo().withStates().withPageSize(100);
    while (true) {
      EntityQuery.Page page = client.queryEntities(query);
      all.addAll(page.entities());
      if (page.continuationToken() == null) {
        return all;
      }
      query = query.withContinuationToken(page.continuationToken());
    }
  }

  /** Waits until all is done; then no money is missing, and no lock is held. */
  static void check(PerdureClient client) {
    for (OrchestrationMetadata transfer : LoadAudit.all(client, InstanceQuery.ALL).values()) {
      Hubs.completed(client, transfer.instanceId());
    }
    Hubs.until(
        "entities come to rest",
        () ->
            entities(client).stream()
                .allMatch(e -> e.operationsWaiting() == 0 && e.lockedBy() == null));
    int money = 0;
    for (int i = 0; i < ACCOUNTS; i++) {
      money +=
          client
              .getEntity(account(i))
              .map(e -> e.state(Account.class).balance)
              .orElse(START_BALANCE);
    }
    assertThat(money).isEqualTo(ACCOUNTS * START_BALANCE);
  }

  static List<Integer> numbers(PerdureClient client, String tally) {
    return client
        .getEntity(tally(tally))
        .map(e -> e.state(Tally.class))
        .map(t -> t.numbers)
        .orElse(List.of());
  }
}
