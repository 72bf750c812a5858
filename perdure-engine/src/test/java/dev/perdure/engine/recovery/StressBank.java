package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * The entities of the stress test: counters that must count everything once, and accounts between
 * which money is moved under locks, by people who are terminated, suspended, and lose patience.
 */
final class StressBank {
  private static final int ACCOUNTS = 5;
  private static final int COUNTERS = 4;
  private static final int START_BALANCE = 1_000;
  private static final int AMOUNT = 10;

  private final World world;
  private final Random random;
  private final List<String> transfers = new ArrayList<>();
  private final List<String> counts = new ArrayList<>();
  private int expectedCount;

  StressBank(World world, Random random) {
    this.world = world;
    this.random = random;
  }

  // ---- functions
  // ----------------------------------------------------------------------------------

  /**
   * Its balance is read, and set anew, in two operations: only a lock keeps others from between.
   */
  @Entity
  static class Account {
    int balance = START_BALANCE;
    List<String> moves = new ArrayList<>();

    int balance() {
      return balance;
    }

    void set(Move move) {
      balance = move.balance();
      moves.add(move.name());
    }
  }

  record Move(int balance, String name) {}

  @Entity
  static class Counter {
    int value;

    void add(int n) {
      if (n < 0) {
        value = -1_000_000;
        throw new IllegalArgumentException("negative");
      }
      value += n;
    }

    /** Counts here, and then elsewhere, as often as there are stations. */
    void pass(EntityContext ctx, int stations) {
      value++;
      if (stations > 1) {
        int next = (Integer.parseInt(ctx.id().key()) + 1) % COUNTERS;
        ctx.signalEntity(counter(next), "pass", stations - 1);
      }
    }
  }

  private static EntityId account(int number) {
    return EntityId.of(Account.class, "" + number);
  }

  private static EntityId counter(int number) {
    return EntityId.of(Counter.class, "" + number);
  }

  static void register(FunctionRegistry.Builder f) {
    f.entity(Account.class).entity(Counter.class);
    f.orchestrator("transfer", Integer.class, StressBank::transfer);
    f.orchestrator("impatient", Integer.class, StressBank::impatient);
    f.orchestrator("eternal", Integer.class, StressBank::eternal);
    f.orchestrator("count", Integer.class, StressBank::count);
  }

  private static Object transfer(OrchestrationContext ctx, Integer n) {
    int from = n % ACCOUNTS;
    int to = (from + 1 + n / ACCOUNTS % (ACCOUNTS - 1)) % ACCOUNTS;
    List<EntityId> entities = new ArrayList<>(List.of(account(from), account(to)));
    if (n % 3 == 0) {
      entities.add(counter(n % COUNTERS));
    }
    try (CriticalSection section = ctx.lockEntities(entities).await()) {
      move(ctx, from, to, n);
      return section.entities().size();
    }
  }

  private static void move(OrchestrationContext ctx, int from, int to, int n) {
    String name = ctx.instanceId() + "/" + n;
    int left = ctx.callEntity(account(from), Account::balance).await() - AMOUNT;
    ctx.callEntity(account(from), Account::set, new Move(left, "-" + name)).await();
    if (n % 4 == 0) {
      ctx.createTimer(Duration.ofMinutes(n % 7)).await();
    }
    int more = ctx.callEntity(account(to), Account::balance).await() + AMOUNT;
    ctx.callEntity(account(to), Account::set, new Move(more, "+" + name)).await();
  }

  private static Object impatient(OrchestrationContext ctx, Integer n) {
    Task<CriticalSection> lock =
        ctx.lockEntities(account(n % ACCOUNTS), account((n + 2) % ACCOUNTS));
    Task<Void> timer = ctx.createTimer(Duration.ofSeconds(n % 90));
    ctx.anyOf(lock, timer).await();
    if (lock.cancel()) {
      return 0;
    }
    try (CriticalSection section = lock.await()) {
      move(ctx, n % ACCOUNTS, (n + 2) % ACCOUNTS, n);
      return section.entities().size();
    }
  }

  /** Moves money a few times, and continues as new with its locks in hand. */
  private static Object eternal(OrchestrationContext ctx, Integer n) {
    int times = n % 4;
    int from = n / 4 % ACCOUNTS;
    ctx.lockEntities(account(from), account((from + 3) % ACCOUNTS)).await();
    move(ctx, from, (from + 3) % ACCOUNTS, n);
    if (times > 0) {
      ctx.continueAsNew(n - 1);
    }
    return 2;
  }

  /** Counts six in all. */
  private static Object count(OrchestrationContext ctx, Integer n) {
    EntityId counter = counter(n % COUNTERS);
    ctx.signalEntity(counter, "pass", 3);
    ctx.signalEntity(counter, "add", 1, ctx.currentInstant().plus(Duration.ofMinutes(n % 200)));
    Task<Void> one = ctx.callEntity(counter, Counter::add, 1);
    Task<Void> bad = ctx.callEntity(counter, Counter::add, -1);
    Task<Void> other = ctx.callEntity(counter((n + 1) % COUNTERS), Counter::add, 1);
    one.await();
    other.await();
    try {
      bad.await();
      return -1;
    } catch (TaskFailedException e) {
      return 6;
    }
  }

  // ---- acting
  // -------------------------------------------------------------------------------------

  void act() {
    int n = random.nextInt(1_000);
    String some = transfers.isEmpty() ? null : transfers.get(random.nextInt(transfers.size()));
    switch (random.nextInt(10)) {
      case 0, 1 -> startTransfer("transfer", n);
      case 2 -> startTransfer("impatient", n);
      case 3 -> startTransfer("eternal", n);
      case 4, 5 -> {
        String id = "n" + counts.size();
        world.start(id, "count", n);
        counts.add(id);
        expectedCount += 6;
      }
      case 6 -> {
        if (some != null) {
          StressTest.ifRunning(world, client -> client.terminate(some, "enough"));
        }
      }
      case 7 -> {
        if (some != null) {
          StressTest.ifRunning(world, client -> client.suspend(some, "a while"));
        }
      }
      case 8 -> {
        if (some != null) {
          StressTest.ifRunning(world, client -> client.resume(some, null));
        }
      }
      default -> world.tell(client -> client.getEntity(account(n % ACCOUNTS)));
    }
  }

  private void startTransfer(String name, int n) {
    String id = "t" + transfers.size();
    world.start(id, name, n);
    transfers.add(id);
  }

  // ---- checking
  // -----------------------------------------------------------------------------------

  /** Lets everything come to its end. */
  void settle() {
    transfers.forEach(id -> StressTest.ifRunning(world, client -> client.resume(id, null)));
    for (String id : transfers) {
      OrchestrationMetadata end = world.endWhileTimeFlies(id, Duration.ofMinutes(10));
      assertThat(end.status())
          .as(end::toString)
          .isIn(OrchestrationStatus.COMPLETED, OrchestrationStatus.TERMINATED);
    }
    for (String id : counts) {
      OrchestrationMetadata end = world.endWhileTimeFlies(id, Duration.ofMinutes(10));
      assertThat(end.output(Integer.class)).as(end::toString).isEqualTo(6);
    }
    world.clock.jump(Duration.ofMinutes(201));
    world.engine().clockChanged();
    world.untilEntitiesRest();
    check();
  }

  void check() {
    int counted = 0;
    for (int i = 0; i < COUNTERS; i++) {
      Counter counter = world.state(counter(i), Counter.class);
      counted += counter == null ? 0 : counter.value;
    }
    assertThat(counted).as("everything was counted once").isEqualTo(expectedCount);

    Map<String, OrchestrationStatus> statuses = new HashMap<>();
    world.instances().forEach(i -> statuses.put(i.instanceId(), i.status()));
    List<String> moves = new ArrayList<>();
    int money = 0;
    for (int i = 0; i < ACCOUNTS; i++) {
      Account account = world.state(account(i), Account.class);
      money += account == null ? START_BALANCE : account.balance;
      moves.addAll(account == null ? List.of() : account.moves);
    }
    assertThat(moves).as("every move was made once").doesNotHaveDuplicates();
    Set<String> taken = named(moves, '-');
    Set<String> given = named(moves, '+');
    assertThat(taken).as("what was given had been taken").containsAll(given);
    Set<String> halfway = new TreeSet<>(taken);
    halfway.removeAll(given);
    assertThat(halfway)
        .as("only who was terminated stopped half way")
        .allMatch(
            name ->
                statuses.get(name.substring(0, name.indexOf('/')))
                    == OrchestrationStatus.TERMINATED);
    assertThat(money)
        .as("money, of which %s is on the way", halfway)
        .isEqualTo(ACCOUNTS * START_BALANCE - AMOUNT * halfway.size());
  }

  private static Set<String> named(List<String> moves, char sign) {
    Set<String> named = new HashSet<>();
    moves.stream().filter(m -> m.charAt(0) == sign).map(m -> m.substring(1)).forEach(named::add);
    return named;
  }
}
