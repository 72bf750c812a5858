package dev.perdure.engine.entity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.EntityId;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.entity.EntityEvent.BatchCompleted;
import dev.perdure.engine.entity.EntityEvent.BatchRedelivered;
import dev.perdure.engine.entity.EntityEvent.EntityPurged;
import dev.perdure.engine.entity.EntityEvent.EntityRequeued;
import dev.perdure.engine.entity.EntityEvent.EntitySetAside;
import dev.perdure.engine.entity.EntityEvent.LockAcquired;
import dev.perdure.engine.entity.EntityEvent.LockReleased;
import dev.perdure.engine.entity.EntityEvent.LockWithdrawn;
import dev.perdure.engine.entity.EntityEvent.RequestReceived;
import dev.perdure.engine.entity.EntityEvent.SignalDue;
import dev.perdure.engine.entity.EntityEvent.SignalScheduled;
import dev.perdure.engine.entity.EntityEvent.StateChange;
import dev.perdure.engine.entity.EntityEvent.WithdrawnLockPassed;
import dev.perdure.engine.entity.EntityRequest.LockRequest;
import dev.perdure.engine.entity.EntityRequest.Operation;
import dev.perdure.engine.entity.EntityState.ScheduledSignal;
import dev.perdure.store.RowBatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The state of an entity as a function of events. */
class EntityStateTest {
  private static final String ID = "@thing@a";
  private static final Instant AT = Instant.ofEpochMilli(1_000);
  private static final Problem PROBLEM = new Problem(Problem.Kind.POISON, "bad");

  private static final TaskAddress OWNER = new TaskAddress("o", "e", 7);
  private static final TaskAddress OTHER = new TaskAddress("p", "e", 7);

  private static final long BYTES_MAX = 2 << 20;

  /** Nothing here is long enough to be asked for. */
  private static final LongFunction<byte[]> NO_ROWS =
      chunk -> {
        throw new AssertionError("chunk " + chunk);
      };

  private static EntityState after(EntityEvent... events) {
    EntityState state = new EntityState(ID);
    and(state, events);
    return state;
  }

  private static void and(EntityState state, EntityEvent... events) {
    for (EntityEvent event : events) {
      state.apply(event, state.position() + 1);
    }
  }

  private static Operation signal(String name) {
    return new Operation(1_000, name, null, null);
  }

  private static Operation call(String name, TaskAddress caller) {
    return new Operation(1_000, name, null, caller);
  }

  private static EntityEvent received(Operation operation) {
    return new RequestReceived(AT, operation, false);
  }

  private static EntityEvent receivedAhead(Operation operation) {
    return new RequestReceived(AT, operation, true);
  }

  private static LockRequest lock(TaskAddress owner) {
    return new LockRequest(1_000, owner, List.of(ID), 0);
  }

  private static EntityEvent wished(TaskAddress owner) {
    return new RequestReceived(AT, lock(owner), false);
  }

  private static EntityEvent ran(int operations) {
    return new BatchCompleted(AT, operations, false, new StateChange.Unchanged());
  }

  private static EntityEvent ranAhead(int operations) {
    return new BatchCompleted(AT, operations, true, new StateChange.Unchanged());
  }

  private static EntityEvent replaced(int operations, String state) {
    return new BatchCompleted(AT, operations, false, new StateChange.Replaced(Payload.of(state)));
  }

  private static EntityEvent deleted(int operations) {
    return new BatchCompleted(AT, operations, false, new StateChange.Deleted());
  }

  private static EntityEvent scheduled(int number, String name) {
    return new SignalScheduled(AT, number, signal(name), AT.plusSeconds(5));
  }

  private static List<String> next(EntityState state) {
    return state.nextOperations(100, BYTES_MAX, NO_ROWS).stream().map(Operation::name).toList();
  }

  private static List<String> queue(EntityState state) {
    List<String> names = new ArrayList<>();
    state.forEachInQueue(
        NO_ROWS,
        request ->
            names.add(
                switch (request) {
                  case Operation operation -> operation.name();
                  case LockRequest lock -> "lock for " + lock.owner().instanceId();
                }));
    return names;
  }

  // ---- state ------------------------------------------------------------------------------------

  @Test
  void anEntityOfWhichNobodyHasHeardHasNothingAndDoesNothing() {
    EntityState state = after();
    assertThat(state.id()).isEqualTo(EntityId.of("thing", "a"));
    assertThat(state.isEmpty()).isTrue();
    assertThat(state.isActive()).isFalse();
    assertThat(state.hasOperationsToRun(NO_ROWS)).isFalse();
    assertThat(state.head(NO_ROWS)).isNull();
    assertThat(next(state)).isEmpty();
    assertThat(state.position()).isEqualTo(-1);
  }

  @Test
  void operationsRunInTheOrderInWhichTheyCame() {
    EntityState state = after(received(signal("a")), received(signal("b")), received(signal("c")));
    assertThat(next(state)).containsExactly("a", "b", "c");
    assertThat(state.nextOperations(2, BYTES_MAX, NO_ROWS)).hasSize(2);
    assertThat(state.isActive()).isTrue();
    and(state, ran(2));
    assertThat(next(state)).containsExactly("c");
    and(state, replaced(1, "1"));
    assertThat(state.state()).isEqualTo(Payload.of("1"));
    assertThat(state.isActive()).as("it has nothing to do").isFalse();
    assertThat(state.isEmpty()).as("its state is something").isFalse();
  }

  @Test
  void onlySoMuchRunsTogetherAsOneMessageHolds() {
    Payload large = Payload.of(new byte[700 << 10]);
    Operation signal = new Operation(1_000, "s", large, null);
    Operation call = new Operation(1_000, "c", large, OWNER);
    EntityState state = after(received(signal), received(signal), received(signal));
    assertThat(next(state)).hasSize(2);
    and(state, new BatchCompleted(AT, 1, false, new StateChange.Replaced(large)));
    assertThat(next(state)).as("the state counts").hasSize(1);
    Payload larger = Payload.of(new byte[3 << 20]);
    and(state, new BatchCompleted(AT, 1, false, new StateChange.Replaced(larger)));
    assertThat(next(state)).as("one is run, however large the state is").hasSize(1);
    state = after(wished(OWNER), new LockAcquired(AT, OWNER));
    and(state, receivedAhead(call), receivedAhead(call), receivedAhead(call));
    assertThat(next(state)).hasSize(2);
  }

  @Test
  void anEntityWhoseStateIsDeletedIsNoMore() {
    EntityState state = after(received(signal("a")), replaced(1, "1"), received(signal("delete")));
    and(state, deleted(1));
    assertThat(state.state()).isNull();
    assertThat(state.isEmpty()).isTrue();
  }

  @Test
  void whatComesBackAfterItsEndIsNew() {
    EntityState state = after(received(signal("a")), replaced(1, "1"));
    assertThat(state.createdAt()).isEqualTo(1_000);
    Instant later = AT.plusMillis(50);
    and(state, new BatchCompleted(later, 0, false, new StateChange.Unchanged()));
    assertThat(state.createdAt()).isEqualTo(1_000);
    assertThat(state.modifiedAt()).isEqualTo(1_050);
    and(state, deleted(0));
    and(state, new RequestReceived(later, signal("a"), false));
    assertThat(state.createdAt()).isEqualTo(1_050);
  }

  // ---- locks ------------------------------------------------------------------------------------

  @Test
  void aWishToLockWaitsForItsTurn() {
    EntityState state = after(received(signal("a")), wished(OWNER), received(signal("b")));
    assertThat(next(state)).as("up to the wish").containsExactly("a");
    assertThat(state.isLockWanted(OWNER)).isTrue();
    assertThat(state.lockRequests()).containsExactly(Map.entry(OWNER, 1_000L));
    and(state, ran(1));
    assertThat(next(state)).isEmpty();
    assertThat(state.hasOperationsToRun(NO_ROWS)).isFalse();
    assertThat(state.isActive()).as("the lock is to be passed on").isTrue();
    assertThat(state.head(NO_ROWS)).isEqualTo(lock(OWNER));
  }

  @Test
  void whileItIsLockedAllOthersWait() {
    EntityState state = after(wished(OWNER), received(call("b", OTHER)), wished(OTHER));
    and(state, new LockAcquired(AT.plusMillis(5), OWNER));
    assertThat(state.lockOwner()).isEqualTo(OWNER);
    assertThat(state.lockedAt()).isEqualTo(1_005);
    assertThat(state.isLockWanted(OWNER)).as("it has it").isFalse();
    assertThat(next(state)).isEmpty();
    assertThat(state.isActive()).as("the next to happen is a message").isFalse();
    assertThat(state.isEmpty()).isFalse();
    and(state, new LockReleased(AT));
    assertThat(state.lockOwner()).isNull();
    assertThat(next(state)).containsExactly("b");
    assertThat(state.isActive()).isTrue();
  }

  @Test
  void aLockAloneIsSomething() {
    EntityState state = after(wished(OWNER), new LockAcquired(AT, OWNER));
    assertThat(state.isEmpty()).isFalse();
    and(state, new LockReleased(AT));
    assertThat(state.isEmpty()).isTrue();
  }

  @Test
  void whatTheHolderOfTheLockCallsGoesAhead() {
    EntityState state = after(wished(OWNER), received(signal("b")), new LockAcquired(AT, OWNER));
    assertThat(state.isFromLockOwner(call("x", new TaskAddress("o", "e", 99)))).isTrue();
    assertThat(state.isFromLockOwner(call("x", new TaskAddress("o", "f", 7))))
        .as("another execution")
        .isFalse();
    assertThat(state.isFromLockOwner(call("x", OTHER))).isFalse();
    assertThat(state.isFromLockOwner(signal("x"))).as("a signal waits").isFalse();
    and(state, receivedAhead(call("x", OWNER)), receivedAhead(call("y", OWNER)));
    assertThat(next(state)).containsExactly("x", "y");
    assertThat(state.hasOperationsAhead()).isTrue();
    assertThat(state.isActive()).isTrue();
    assertThat(state.waiting()).isEqualTo(3);
    and(state, ranAhead(1));
    assertThat(next(state)).containsExactly("y");
    and(state, ranAhead(1));
    assertThat(next(state)).isEmpty();
    assertThat(queue(state)).containsExactly("b");
  }

  /** It was called under the lock, and whoever comes next must find it done. */
  @Test
  void whatWasCalledUnderALockRunsFirstAlsoOnceTheLockIsReleased() {
    EntityState state =
        after(
            wished(OWNER),
            wished(OTHER),
            received(signal("b")),
            new LockAcquired(AT, OWNER),
            receivedAhead(call("x", OWNER)),
            new LockReleased(AT));
    assertThat(next(state)).containsExactly("x");
    assertThat(state.hasOperationsAhead()).isTrue();
    and(state, ranAhead(1));
    assertThat(state.head(NO_ROWS)).isEqualTo(lock(OTHER));
  }

  @Test
  void nobodyIsFromTheLockOwnerWhileThereIsNone() {
    assertThat(after().isFromLockOwner(call("x", OWNER))).isFalse();
  }

  @Test
  void aWishThatIsWithdrawnIsPassedOverWhenItsTurnComes() {
    EntityState state = after(wished(OWNER), received(signal("b")), new LockWithdrawn(AT, OWNER));
    assertThat(state.isLockWanted(OWNER)).isFalse();
    assertThat(queue(state)).containsExactly("lock for o", "b");
    assertThat(state.isActive()).isTrue();
    and(state, new WithdrawnLockPassed(AT));
    assertThat(state.lockOwner()).isNull();
    assertThat(next(state)).containsExactly("b");
  }

  @Test
  void aWishThatNobodyKnowsCanBeWithdrawn() {
    assertThat(after(new LockWithdrawn(AT, OWNER)).isEmpty()).isTrue();
  }

  // ---- signals for later ------------------------------------------------------------------------

  @Test
  void aScheduledSignalJoinsTheQueueWhenItsTimeHasCome() {
    EntityState state = after(scheduled(0, "later"), received(signal("a")));
    assertThat(next(state)).containsExactly("a");
    assertThat(state.waiting()).isEqualTo(2);
    and(state, ran(1));
    assertThat(state.isActive()).as("its timer comes by itself").isFalse();
    assertThat(state.isEmpty()).isFalse();
    assertThat(state.scheduledSignal(0).dueAt()).isEqualTo(6_000);
    and(state, new SignalDue(AT, 0, false));
    assertThat(state.scheduledSignal(0)).isNull();
    assertThat(next(state)).containsExactly("later");
    and(state, new SignalDue(AT, 0, false));
    assertThat(next(state)).as("it is due once").containsExactly("later");
  }

  /** Else whoever holds the lock would wait for what waits for the lock. */
  @Test
  void aScheduledCallOfTheLockOwnerGoesAheadWhenItsTimeHasCome() {
    EntityState state =
        after(
            wished(OWNER),
            new LockAcquired(AT, OWNER),
            new SignalScheduled(AT, 0, call("later", OWNER), AT.plusSeconds(5)),
            received(signal("a")));
    assertThat(next(state)).isEmpty();
    assertThat(state.mayHoldOperationOf(OWNER, 10, NO_ROWS)).isTrue();
    and(state, new SignalDue(AT, 0, true));
    assertThat(next(state)).containsExactly("later");
    assertThat(state.mayHoldOperationOf(OWNER, 10, NO_ROWS)).isTrue();
    and(state, new BatchCompleted(AT, 1, true, new StateChange.Unchanged()), new LockReleased(AT));
    assertThat(next(state)).containsExactly("a");
    assertThat(state.mayHoldOperationOf(OWNER, 10, NO_ROWS)).isFalse();
  }

  @Test
  void scheduledSignalsHaveNumbersThatTellThemApart() {
    EntityState state = after();
    assertThat(state.nextSignalNumber()).isZero();
    and(state, scheduled(0, "a"), scheduled(1, "b"));
    assertThat(state.nextSignalNumber()).isEqualTo(2);
    and(state, new SignalDue(AT, 0, false));
    assertThat(state.nextSignalNumber()).isEqualTo(2);
    assertThat(state.scheduledSignals()).extracting(ScheduledSignal::number).containsExactly(1);
    and(state, new SignalDue(AT, 1, false));
    assertThat(state.nextSignalNumber()).isZero();
  }

  @Test
  void timersThatHaveRowsAreStaleOnceTheirSignalsAreDueAndAreToldOnce() {
    EntityState state = after(scheduled(0, "stored"), scheduled(1, "not"));
    state.scheduledSignal(0).markStored();
    and(state, new SignalDue(AT, 0, false), new SignalDue(AT, 1, false));
    assertThat(state.takeStaleTimers()).extracting(ScheduledSignal::number).containsExactly(0);
    assertThat(state.takeStaleTimers()).isEmpty();
  }

  // ---- purge ------------------------------------------------------------------------------------

  @Test
  void aPurgeLeavesOnlyLocksAndWishesToLock() {
    EntityState state =
        after(
            received(signal("a")),
            replaced(1, "1"),
            wished(OWNER),
            received(signal("b")),
            wished(OTHER),
            scheduled(0, "later"),
            new LockAcquired(AT, OWNER),
            receivedAhead(call("x", OWNER)),
            new BatchRedelivered(AT, 3),
            new EntitySetAside(AT, PROBLEM));
    state.scheduledSignal(0).markStored();
    and(state, new EntityPurged(AT, List.of(lock(OTHER))));
    assertThat(state.state()).isNull();
    assertThat(state.problem()).isNull();
    assertThat(state.redeliveries()).isZero();
    assertThat(state.operationsAhead()).isEmpty();
    assertThat(state.scheduledSignals()).isEmpty();
    assertThat(state.takeStaleTimers()).hasSize(1);
    assertThat(state.lockOwner()).isEqualTo(OWNER);
    assertThat(queue(state)).containsExactly("lock for p");
    assertThat(state.isLockWanted(OTHER)).isTrue();
    and(state, new LockReleased(AT), new LockAcquired(AT, OTHER), new LockReleased(AT));
    assertThat(state.isEmpty()).isTrue();
  }

  /** Nobody could grant it any more, and whoever explains the entity must not speak of it. */
  @Test
  void aWishInAQueueThatCouldNotBeReadIsGoneWithIt() {
    EntityState state = after(wished(OWNER), wished(OTHER));
    and(state, new EntityPurged(AT, List.of(lock(OTHER))));
    assertThat(state.isLockWanted(OWNER)).isFalse();
    assertThat(state.lockRequests()).containsOnlyKeys(OTHER);
  }

  /** A purge does not make a wish come true that was given up. */
  @Test
  void aWishThatWasWithdrawnBeforeAPurgeStaysWithdrawn() {
    EntityState state = after(wished(OWNER), new LockWithdrawn(AT, OWNER));
    and(state, new EntityPurged(AT, List.of(lock(OWNER))));
    assertThat(state.isLockWanted(OWNER)).isFalse();
    and(state, new WithdrawnLockPassed(AT));
    assertThat(state.isEmpty()).isTrue();
  }

  // ---- set aside, and after crashes -------------------------------------------------------------

  @Test
  void whatIsSetAsideKeepsEverythingUntilItIsRequeued() {
    EntityState state =
        after(received(signal("a")), new BatchRedelivered(AT, 2), new EntitySetAside(AT, PROBLEM));
    assertThat(state.problem()).isEqualTo(PROBLEM);
    assertThat(state.isActive()).as("a start tries it again").isTrue();
    assertThat(next(state)).containsExactly("a");
    and(state, new EntityRequeued(AT, "why"));
    assertThat(state.problem()).isNull();
    assertThat(state.redeliveries()).isZero();
    assertThat(next(state)).containsExactly("a");
  }

  @Test
  void aProblemAloneIsSomething() {
    assertThat(after(new EntitySetAside(AT, PROBLEM)).isEmpty()).isFalse();
  }

  @Test
  void repetitionsCountUntilOperationsHaveRun() {
    EntityState state =
        after(received(signal("a")), new BatchRedelivered(AT, 1), new BatchRedelivered(AT, 2));
    assertThat(state.redeliveries()).isEqualTo(2);
    and(state, ran(1));
    assertThat(state.redeliveries()).isZero();
  }

  // ---- whatever happens -------------------------------------------------------------------------

  /** The state is what the plainest account of the same events says, across checkpoints. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theStateIsWhatTheEventsSay(long seed) {
    EntityLife life = new EntityLife(seed);
    for (int i = 0; i < 4_000; i++) {
      life.step(i % 200 < 120);
      if (i % 7 == 0) {
        life.checkpoint();
      }
      life.check();
    }
  }

  /** A row is the state: to go on with what was read back is to go on. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void theStateIsReadBackAsItWasWrittenAtEveryStep(long seed) {
    EntityLife life = new EntityLife(seed);
    for (int i = 0; i < 3_000; i++) {
      life.step(i % 200 < 120);
      life.checkpoint();
      life.crash();
      life.check();
    }
  }

  /** Rows and the end of the log: what was there before the crash is there after it. */
  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26, 27, 28})
  void nothingIsLostOrTwiceAfterACrash(long seed) {
    EntityLife life = new EntityLife(seed);
    Random random = new Random(seed);
    for (int i = 0; i < 4_000; i++) {
      life.step(i % 100 < 60);
      switch (random.nextInt(20)) {
        case 0, 1 -> life.checkpoint();
        case 2 -> life.crash();
        default -> {}
      }
      life.check();
    }
  }

  /**
   * What {@link EntityState} promises: whoever finds only the last part of the life of an entity
   * that is gone by the end of it finds that it is gone.
   */
  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34, 35, 36, 37, 38, 39, 40})
  void anyEndOfALifeThatIsOverLeadsToNothing(long seed) {
    EntityLife life = new EntityLife(seed);
    Random random = new Random(seed);
    for (int ends = 0; ends < 30; ) {
      for (int i = random.nextInt(150); i > 0; i--) {
        life.step(true);
      }
      while (!life.isOver()) {
        life.step(false);
      }
      ends++;
      int over = life.events.size();
      for (int from = Math.max(0, over - 300); from <= over; from++) {
        EntityState found = new EntityState(ID);
        for (int at = from; at < over; at++) {
          found.apply(life.events.get(at), at);
        }
        assertThat(found.isEmpty()).as("from event %d to %d", from, over).isTrue();
        assertThat(found.isActive()).isFalse();
        assertThat(found.waiting()).isZero();
        assertThat(found.lockRequests()).isEmpty();
        assertThat(found.redeliveries()).isZero();
        assertThat(found.takeStaleTimers()).isEmpty();
        RowBatch rows = new RowBatch();
        found.checkpoint(rows);
        assertThat(rows.isEmpty()).as("nothing is written, and nothing deleted").isTrue();
      }
    }
  }

  // ---- stored form ------------------------------------------------------------------------------

  private static EntityState withEverything() {
    EntityState state =
        after(
            received(signal("a")),
            replaced(1, "1"),
            wished(OWNER),
            wished(OTHER),
            received(signal("b")),
            new LockAcquired(AT, OWNER),
            receivedAhead(call("x", OWNER)),
            new SignalScheduled(AT, 0, signal("later"), AT),
            new BatchRedelivered(AT, 2),
            new EntitySetAside(AT, PROBLEM));
    state.checkpoint(new RowBatch());
    return state;
  }

  private static byte[] encoded(EntityState state) {
    Encoder out = new Encoder(16);
    state.write(out);
    return out.toBytes();
  }

  @Test
  void aStateThatIsCutShortIsReportedAsDamaged() {
    byte[] bytes = encoded(withEverything());
    for (int length = 1; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> EntityState.read(ID, 1, new Decoder(cut)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Damaged content");
    }
  }

  @Test
  void aStateOfANewerFormatIsRefused() {
    byte[] bytes = encoded(withEverything());
    bytes[0] = 2;
    assertThatThrownBy(() -> EntityState.read(ID, 1, new Decoder(bytes)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'@thing@a' is stored in format 2");
  }

  /** If this fails, hubs that exist can no longer be read. */
  @Test
  void theStoredFormNeverChanges() {
    String golden =
        "01d00fd00f0231" // when, and the state
            + "01026f02650ed00f" // the lock
            + "010c504f49534f4e06626164" // the problem
            + "04" // repetitions
            + "0402020206" // the queue: in one chunk, of which requests were taken
            + "0201d00f027801026f02650e" // what goes ahead
            + "02027002650ed00f" // wishes to lock
            + "0200d00f02d00f0a6c6174657201"; // scheduled signals
    assertThat(HexFormat.of().formatHex(encoded(withEverything()))).isEqualTo(golden);
    EntityState back = EntityState.read(ID, 3, new Decoder(HexFormat.of().parseHex(golden)));
    assertThat(HexFormat.of().formatHex(encoded(back))).isEqualTo(golden);
    assertThat(back.position()).isEqualTo(3);
  }
}
