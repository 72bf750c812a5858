package dev.perdure.examples.entities.bank;

import dev.perdure.Perdure;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.PerdureClient;
import dev.perdure.examples.entities.Console;
import dev.perdure.examples.entities.bank.Bank.Outcome;
import dev.perdure.examples.entities.bank.BankProgram.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Has a bank work in a process that is killed again and again, and counts the money afterwards. */
public final class BankExample {
  /** Few enough that transfers get in each other's way. */
  static final int ACCOUNTS = 20;

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK_EVERY = Duration.ofMillis(5);
  private static final int MICROS_MAX_WHILE_STARTING = 500_000;
  private static final int MICROS_MAX_UNDER_LOAD = 10_000;

  /**
   * Kills in a row that leave no time to work. What is under way each of five times a host dies is
   * taken for the culprit and set aside, and here it is not.
   */
  private static final int IDLE_KILLS_MAX = 3;

  private final Console out;
  private final Path hub;
  private final Work work;
  private final Random random;
  private int idleKills;
  private final ConcurrentMap<Integer, Outcome> acknowledged = new ConcurrentHashMap<>();
  private final ConcurrentMap<Long, Integer> audits = new ConcurrentHashMap<>();

  /**
   * An example.
   *
   * @param hub the directory; what is in it goes on
   * @param seed decides when the process is killed
   */
  public BankExample(Console out, Path hub, int transfers, int concurrent, long seed) {
    this.out = out;
    this.hub = hub;
    this.work = new Work(ACCOUNTS, transfers, concurrent);
    this.random = new Random(seed);
  }

  /**
   * What was found in the end.
   *
   * @param kills how often the process was killed before it had ended
   * @param before the money that was put into the accounts, in cents
   * @param after the money that is in them
   * @param done transfers that were made
   * @param refused transfers that were not, since there was too little money
   * @param asAcknowledged whether all is so as was said before a kill
   * @param atRest whether no account is locked, overdrawn or has anything waiting
   * @param nothingStuck whether something will wake whatever has not ended, as an audit proves
   */
  record Findings(
      int kills,
      long before,
      long after,
      int done,
      int refused,
      boolean asAcknowledged,
      boolean atRest,
      boolean nothingStuck) {
    /** Whether no money was made or lost, and everything has come to its end. */
    boolean isWell(int transfers) {
      return before == after
          && done + refused == transfers
          && asAcknowledged
          && atRest
          && nothingStuck;
    }
  }

  /** Runs the example; returns the exit code. */
  public int run(int kills) throws IOException, InterruptedException {
    out.say(
        "%d accounts with %,.2f each. %,d transfers, %d at once, each under two locks.",
        work.accounts(),
        work.opening().cents() / 100.0 / work.accounts(),
        work.transfers(),
        work.concurrent());
    Findings found = workAndKill(kills);
    out.say("before     %,14.2f", found.before() / 100.0);
    out.say("after      %,14.2f", found.after() / 100.0);
    out.say("kills      %,11d", found.kills());
    out.say("done       %,11d", found.done());
    out.say("refused    %,11d  (too little money)", found.refused());
    boolean well = found.isWell(work.transfers());
    if (!found.asAcknowledged()) {
      out.say("Something is not as it was acknowledged before a kill.");
    }
    if (!found.atRest()) {
      out.say("An account is locked, overdrawn, or has something waiting.");
    }
    if (!found.nothingStuck()) {
      out.say("Something in the hub will never be woken; perdure audit %s says what.", hub);
    }
    out.say(
        well ? "No money was made or lost, and every transfer has ended." : "This is not right.");
    return well ? 0 : 1;
  }

  /** Has a process do the work, kills it so many times, and lets the last one end. */
  Findings workAndKill(int kills) throws IOException, InterruptedException {
    int killed = 0;
    for (int i = 0; i < kills; i++) {
      try (BankProcess process = BankProcess.start(hub, work, this::heard)) {
        String moment = awaitMoment(process, kills);
        if (process.kill()) {
          killed++;
          out.say(
              "kill -9 %-7d %-17s %,6d transfers have ended",
              process.pid(), moment, acknowledged.size());
        }
      }
    }
    try (BankProcess process = BankProcess.start(hub, work, this::heard)) {
      int code = process.exitCode();
      if (code != 0) {
        throw new IllegalStateException("The bank's process ended with exit code " + code);
      }
    }
    try (Perdure perdure = Bank.register(Perdure.embedded(hub)).start()) {
      return audit(perdure.client(), killed);
    }
  }

  /** Every other time under load; else while it starts, opens the hub, or recovers. */
  private String awaitMoment(BankProcess process, int kills) throws InterruptedException {
    if (acknowledged.isEmpty() || idleKills == IDLE_KILLS_MAX || random.nextBoolean()) {
      idleKills = 0;
      process.await(Report.ENDED, 1 + random.nextInt(Math.max(1, work.transfers() / (kills + 2))));
      process.letRun(random.nextInt(MICROS_MAX_UNDER_LOAD));
      return "under load";
    }
    idleKills++;
    if (random.nextBoolean()) {
      process.letRun(random.nextInt(MICROS_MAX_WHILE_STARTING));
      return "while it starts";
    }
    process.await(Report.OPEN, 1);
    process.letRun(random.nextInt(MICROS_MAX_UNDER_LOAD));
    return "while it recovers";
  }

  private void heard(Report report, String what) {
    switch (report) {
      case OPENING, OPEN -> {}
      case AUDIT -> audits.merge(Long.valueOf(what), 1, Integer::sum);
      case FOUND, ENDED -> {
        int space = what.indexOf(' ');
        Integer number = Integer.valueOf(what.substring(0, space));
        Outcome outcome = Outcome.valueOf(what.substring(space + 1));
        Outcome before = acknowledged.putIfAbsent(number, outcome);
        if (before != null && before != outcome) {
          throw new IllegalStateException(
              "Transfer %d was %s and is %s".formatted(number, before, outcome));
        }
      }
    }
  }

  private Findings audit(PerdureClient client, int kills) throws InterruptedException {
    int done = 0;
    int refused = 0;
    boolean asAcknowledged = audits.keySet().stream().allMatch(t -> t == work.opening().cents());
    for (int number = 0; number < work.transfers(); number++) {
      Outcome outcome = Work.outcome(client.status(Work.id(number)).orElseThrow());
      asAcknowledged &= Objects.requireNonNullElse(acknowledged.get(number), outcome) == outcome;
      switch (outcome) {
        case DONE -> done++;
        case REFUSED -> refused++;
      }
    }
    long after = work.audit(client);
    boolean atRest = comesToRest(client);
    return new Findings(
        kills,
        work.opening().cents(),
        after,
        done,
        refused,
        asAcknowledged,
        atRest,
        client.audit().isClean());
  }

  /** Locks are given back a moment after the orchestration that held them has ended. */
  private boolean comesToRest(PerdureClient client) throws InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    while (!isAtRest(client)) {
      if (Instant.now().isAfter(end)) {
        return false;
      }
      Thread.sleep(LOOK_EVERY);
    }
    return true;
  }

  private boolean isAtRest(PerdureClient client) {
    EntityQuery all =
        EntityQuery.ALL.withName(Account.class).withStatelessToo().withStates().withPageSize(1_000);
    int accounts = 0;
    for (EntityMetadata account : client.queryEntities(all).entities()) {
      Account state = account.state(Account.class);
      accounts++;
      if (account.lockedBy() != null
          || account.operationsWaiting() > 0
          || state == null
          || state.balance() < 0) {
        return false;
      }
    }
    return accounts == work.accounts();
  }
}
