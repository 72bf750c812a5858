package dev.perdure.examples.entities.bank;

import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.examples.entities.Ask;
import dev.perdure.examples.entities.bank.Bank.Opening;
import dev.perdure.examples.entities.bank.Bank.Outcome;
import dev.perdure.examples.entities.bank.Bank.Transfer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The work of one day: a bank is opened, and so many transfers are made. Begun again after a crash,
 * it goes on: ids are the same each time, and who has been started is not started a second time.
 *
 * @param accounts accounts of the bank
 * @param transfers transfers in all
 * @param concurrent transfers under way at once
 */
record Work(int accounts, int transfers, int concurrent) {

  /** Is told of what has ended. */
  interface Listener {
    /** A transfer has ended; called from several threads. */
    void ended(int number, Outcome outcome);

    /** A transfer had ended before, in a process that is gone; called from several threads. */
    void found(int number, Outcome outcome);
  }

  Opening opening() {
    return new Opening(accounts);
  }

  /** The id of a transfer's orchestration. */
  static String id(int number) {
    return "transfer-" + number;
  }

  /** Opens the bank, unless that has been done. */
  void open(PerdureClient client) {
    start(client, "openBank", opening(), "open-bank");
    Ask.output(Ask.endOf(client, "open-bank"), Integer.class);
  }

  /** Makes all transfers that have not been made, and returns when all have ended. */
  void run(PerdureClient client, Listener listener) throws InterruptedException {
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService tellers =
        Executors.newFixedThreadPool(concurrent, Thread.ofVirtual().factory())) {
      for (int i = 0; i < transfers; i++) {
        int number = i;
        running.add(tellers.submit(() -> transfer(client, number, listener)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("A transfer came to no end", e.getCause());
    }
  }

  private void transfer(PerdureClient client, int number, Listener listener) {
    String id = id(number);
    OrchestrationMetadata known = client.status(id).orElse(null);
    if (known != null && known.isTerminal()) {
      listener.found(number, outcome(known));
    } else {
      start(client, "transfer", Transfer.of(number, accounts), id);
      listener.ended(number, outcome(Ask.endOf(client, id)));
    }
  }

  /** The outcome of a transfer that has ended, as it should, by completing. */
  static Outcome outcome(OrchestrationMetadata end) {
    if (end.status() != OrchestrationStatus.COMPLETED) {
      throw new IllegalStateException(end + " should have completed");
    }
    return Ask.output(end, Outcome.class);
  }

  private static void start(PerdureClient client, String orchestrator, Object input, String id) {
    client.startNew(
        orchestrator, input, StartOptions.id(id).withIdReuse(StartOptions.IdReusePolicy.IGNORE));
  }

  /** Adds up all accounts while other things go on. */
  long audit(PerdureClient client) {
    return Ask.of(client, "audit", opening(), Long.class);
  }
}
