package dev.perdure.examples.entities.bank;

import dev.perdure.Perdure;
import dev.perdure.api.CriticalSection;
import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.examples.entities.bank.Account.InsufficientFundsException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** What a bank does with accounts. */
final class Bank {
  /** A wish to move money. */
  record Transfer(String from, String to, long cents) {
    /** The transfer of a number: always the same one, so that a restart asks for it again. */
    static Transfer of(int number, int accounts) {
      SplittableRandom random = new SplittableRandom(number);
      int from = random.nextInt(accounts);
      int to = (from + 1 + random.nextInt(accounts - 1)) % accounts;
      return new Transfer(key(from), key(to), random.nextInt(1, Opening.CENTS_EACH * 3 / 2));
    }
  }

  /** What came of it. */
  enum Outcome {
    DONE,
    REFUSED
  }

  /** How a bank begins: so many accounts with the same money in each. */
  record Opening(int accounts) {
    static final int CENTS_EACH = 100_00;

    long cents() {
      return (long) accounts * CENTS_EACH;
    }
  }

  /** Registers accounts and what is done with them. */
  static Perdure.Builder register(Perdure.Builder hub) {
    return hub.register(Account.class).register(new Bank());
  }

  /** Puts the first money into all accounts: once, since an orchestration is run once. */
  @Orchestrator
  int openBank(OrchestrationContext ctx, Opening opening) {
    for (EntityId account : accounts(opening.accounts())) {
      ctx.callEntity(account, Account::deposit, (long) Opening.CENTS_EACH).await();
    }
    return opening.accounts();
  }

  /**
   * Moves money. While the locks are held nobody else can call the two accounts, so nobody sees the
   * money when it has left one and not arrived at the other.
   */
  @Orchestrator
  Outcome transfer(OrchestrationContext ctx, Transfer transfer) {
    EntityId from = EntityId.of(Account.class, transfer.from());
    EntityId to = EntityId.of(Account.class, transfer.to());
    try (CriticalSection section = ctx.lockEntities(from, to).await()) {
      ctx.callEntity(from, Account::withdraw, transfer.cents()).await();
      ctx.callEntity(to, Account::deposit, transfer.cents()).await();
      return Outcome.DONE;
    } catch (TaskFailedException e) {
      if (e.isCausedBy(InsufficientFundsException.class)) {
        return Outcome
            .REFUSED; // withdrawing failed and changed nothing, so nothing is to be undone
      }
      throw e;
    }
  }

  /** Adds up all accounts as of one moment, while transfers go on before and after it. */
  @Orchestrator
  long audit(OrchestrationContext ctx, Opening opening) {
    List<EntityId> accounts = accounts(opening.accounts());
    try (CriticalSection section = ctx.lockEntities(accounts).await()) {
      List<Task<Long>> balances = new ArrayList<>();
      for (EntityId account : accounts) {
        balances.add(ctx.callEntity(account, Account::balance));
      }
      long total = 0;
      for (long balance : ctx.allOf(balances).await()) {
        total += balance;
      }
      return total;
    }
  }

  static List<EntityId> accounts(int count) {
    return IntStream.range(0, count).mapToObj(i -> EntityId.of(Account.class, key(i))).toList();
  }

  private static String key(int number) {
    return "a-%03d".formatted(number);
  }
}
