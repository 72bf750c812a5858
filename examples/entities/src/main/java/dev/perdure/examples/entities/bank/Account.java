package dev.perdure.examples.entities.bank;

import dev.perdure.api.Entity;

/** An account. It looks after itself: nobody can take out what is not there. */
@Entity
final class Account {
  private long cents;

  /** There is less in the account than somebody wants. */
  static final class InsufficientFundsException extends Exception {
    private static final long serialVersionUID = 1L;

    InsufficientFundsException(long wanted, long there) {
      super("%d were asked for, %d are there".formatted(wanted, there));
    }
  }

  void deposit(long amount) {
    requirePositive(amount);
    cents = Math.addExact(cents, amount);
  }

  void withdraw(long amount) throws InsufficientFundsException {
    requirePositive(amount);
    if (amount > cents) {
      throw new InsufficientFundsException(amount, cents);
    }
    cents -= amount;
  }

  long balance() {
    return cents;
  }

  private static void requirePositive(long amount) {
    if (amount <= 0) {
      throw new IllegalArgumentException("the amount is %d; use 1 or more".formatted(amount));
    }
  }
}
