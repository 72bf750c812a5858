package dev.perdure.engine.entity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.Payload;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.entity.EntityRequest.LockRequest;
import dev.perdure.engine.entity.EntityRequest.Operation;
import dev.perdure.store.HistoryRow;
import dev.perdure.store.RowBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationQueueTest {
  private static final String ID = "@thing@a";

  private static final int CHUNK = 32 << 10;

  /** Inputs that are decoded, the first chunk, and one that is decoded in part. */
  private static int headBytesMax(int largestRequest) {
    return (1 << 20) + 2 * CHUNK + 3 * (largestRequest + 200);
  }

  /** What an entity's rows say, and the chunks that they refer to. */
  private static final class FakeStore {
    final TreeMap<Long, byte[]> chunks = new TreeMap<>();
    byte[] state;
    int reads;

    byte[] read(long chunk) {
      reads++;
      byte[] bytes = chunks.get(chunk);
      assertThat(bytes).as("chunk %d, of %s", chunk, chunks.keySet()).isNotNull();
      return bytes;
    }

    void write(RowBatch rows, byte[] newState) {
      for (RowBatch.DeleteHistory delete : rows.deletedHistory()) {
        assertThat(delete.instanceId()).isEqualTo(ID);
        assertThat(delete.chunks()).isEqualTo(1);
        assertThat(chunks.remove(delete.execution())).as("what is deleted was there").isNotNull();
      }
      for (HistoryRow put : rows.history()) {
        assertThat(put.instanceId()).isEqualTo(ID);
        assertThat(put.chunk()).isZero();
        assertThat(chunks.put(put.execution(), put.events()))
            .as("each chunk is written once")
            .isNull();
      }
      state = newState;
    }
  }

  private static byte[] written(OperationQueue queue) {
    Encoder out = new Encoder(16);
    queue.write(out);
    return out.toBytes();
  }

  private static OperationQueue readBack(byte[] state) {
    OperationQueue queue = new OperationQueue();
    if (state != null) {
      queue.read(new Decoder(state));
    }
    return queue;
  }

  private static void checkpoint(OperationQueue queue, FakeStore store) {
    RowBatch rows = new RowBatch();
    queue.checkpoint(rows, ID);
    store.write(rows, written(queue));
    queue.written();
  }

  private static Operation operation(int number, int bytes) {
    return new Operation(number, "op" + number, Payload.of(new byte[bytes]), null);
  }

  private static List<EntityRequest> all(OperationQueue queue, FakeStore store) {
    List<EntityRequest> all = new ArrayList<>();
    queue.forEach(store::read, all::add);
    return all;
  }

  @Test
  void whatComesFirstGoesFirst() {
    OperationQueue queue = new OperationQueue();
    FakeStore store = new FakeStore();
    for (int i = 0; i < 5; i++) {
      queue.add(operation(i, 3));
    }
    assertThat(queue.first(2, store::read)).containsExactly(operation(0, 3), operation(1, 3));
    queue.remove(3);
    assertThat(queue.first(9, store::read)).containsExactly(operation(3, 3), operation(4, 3));
    assertThat(queue.size()).isEqualTo(2);
    queue.remove(2);
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.first(1, store::read)).isEmpty();
  }

  /** Large queues would else be in memory twice while they are written: a change shows in both. */
  @Test
  void aRowAndTheQueueShareTheirBytes() {
    OperationQueue queue = new OperationQueue();
    queue.add(operation(1, 100));
    RowBatch rows = new RowBatch();
    queue.checkpoint(rows, ID);
    byte[] row = rows.history().getFirst().events();
    row[row.length - 1] = 7;
    Operation waiting = (Operation) all(queue, new FakeStore()).getFirst();
    assertThat(waiting.input().bytes()).endsWith(7);
  }

  @Test
  void aQueueThatIsWorkedOffBetweenCheckpointsCostsNoRows() {
    OperationQueue queue = new OperationQueue();
    RowBatch rows = new RowBatch();
    for (int i = 0; i < 1_000; i++) {
      queue.add(operation(i, 1_000));
    }
    queue.remove(1_000);
    queue.checkpoint(rows, ID);
    assertThat(rows.isEmpty()).isTrue();
  }

  @Test
  void aQueueWithoutChangesCostsNoFurtherRows() {
    OperationQueue queue = new OperationQueue();
    FakeStore store = new FakeStore();
    queue.add(operation(1, 10));
    checkpoint(queue, store);
    RowBatch rows = new RowBatch();
    queue.checkpoint(rows, ID);
    assertThat(rows.isEmpty()).isTrue();
  }

  /** Recovery may find the last events of an entity without the first ones. */
  @Test
  void toRemoveMoreThanThereIsEmptiesTheQueue() {
    OperationQueue queue = new OperationQueue();
    queue.remove(3);
    queue.add(operation(1, 1));
    queue.remove(Integer.MAX_VALUE);
    assertThat(queue.isEmpty()).isTrue();
    queue.add(operation(2, 1));
    assertThat(queue.first(1, new FakeStore()::read)).containsExactly(operation(2, 1));
  }

  @Test
  void howeverLongAQueueIsOnlyItsHeadNeedsMemory() {
    OperationQueue queue = new OperationQueue();
    FakeStore store = new FakeStore();
    for (int i = 0; i < 2_000; i++) {
      queue.add(operation(i, 10_000));
    }
    checkpoint(queue, store);
    assertThat(queue.headBytes()).isLessThan(headBytesMax(10_000));
    for (int i = 0; i < 2_000; i += 10) {
      assertThat(queue.first(10, store::read)).contains(operation(i, 10_000));
      assertThat(queue.headBytes()).isLessThan(headBytesMax(10_000));
      queue.remove(10);
    }
    assertThat(queue.headBytes()).isZero();
  }

  @Test
  void aQueueThatIsReadBackIsFetchedChunkByChunkAndEachOnce() {
    OperationQueue queue = new OperationQueue();
    FakeStore store = new FakeStore();
    for (int i = 0; i < 1_000; i++) {
      queue.add(operation(i, 1_000));
    }
    checkpoint(queue, store);
    OperationQueue back = readBack(store.state);
    assertThat(store.reads).isZero();
    assertThat(back.size()).isEqualTo(1_000);
    for (int i = 0; i < 1_000; i++) {
      assertThat(back.first(1, store::read)).containsExactly(operation(i, 1_000));
      back.remove(1);
    }
    assertThat(store.reads).isEqualTo(store.chunks.size());
  }

  @Test
  void aLargeRequestIsLookedAtAloneAndNotKeptBackByItsSize() {
    OperationQueue queue = new OperationQueue();
    FakeStore store = new FakeStore();
    int large = 5 << 20;
    queue.add(operation(1, large));
    queue.add(operation(2, large));
    queue.add(operation(3, 1));
    assertThat(queue.first(10, store::read)).containsExactly(operation(1, large));
    queue.remove(1);
    assertThat(queue.first(10, store::read)).containsExactly(operation(2, large));
    queue.remove(1);
    assertThat(queue.first(10, store::read)).containsExactly(operation(3, 1));
  }

  /** So that the entity is set aside, and not the partition with all that it has. */
  @Test
  void aChunkThatIsMissingIsReportedAsDamaged() {
    OperationQueue queue = new OperationQueue();
    FakeStore store = new FakeStore();
    queue.add(operation(1, 1));
    checkpoint(queue, store);
    OperationQueue back = readBack(store.state);
    assertThatThrownBy(() -> back.first(1, chunk -> null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Damaged content");
    assertThatThrownBy(() -> back.forEach(chunk -> null, request -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Damaged content");
    assertThat(back.first(1, store::read)).as("once it is back").containsExactly(operation(1, 1));
  }

  @Test
  void aChunkThatIsCutShortIsReportedAsDamaged() {
    OperationQueue queue = new OperationQueue();
    FakeStore store = new FakeStore();
    queue.add(operation(1, 100));
    queue.add(operation(2, 100));
    checkpoint(queue, store);
    byte[] whole = store.chunks.get(0L);
    OperationQueue back = readBack(store.state);
    assertThatThrownBy(() -> back.first(2, chunk -> Arrays.copyOf(whole, whole.length - 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Damaged content");
    back.remove(2);
    assertThat(back.isEmpty()).as("it can be thrown away unread").isTrue();
  }

  // ---- against a plain list ---------------------------------------------------------------------

  /** A queue, a plain list of the same requests, and what a store has of them. */
  private static final class Trial {
    private final Random random;
    private final Deque<EntityRequest> model = new ArrayDeque<>();
    private long modelBytes;
    private int made;

    private OperationQueue queue = new OperationQueue();
    private FakeStore store = new FakeStore();

    /** What happened since the rows were written that the store has. */
    private List<Consumer<OperationQueue>> since = new ArrayList<>();

    // Rows on their way to the store.
    private RowBatch inFlight;
    private byte[] stateInFlight;
    private boolean emptyInFlight;
    private List<Consumer<OperationQueue>> sinceInFlight;

    Trial(long seed) {
      random = new Random(seed);
    }

    private void happened(Consumer<OperationQueue> event) {
      event.accept(queue);
      since.add(event);
      if (sinceInFlight != null) {
        sinceInFlight.add(event);
      }
    }

    void add() {
      EntityRequest request = request();
      model.add(request);
      happened(q -> q.add(request));
    }

    private EntityRequest request() {
      int number = made++;
      if (random.nextInt(10) == 0) {
        return new LockRequest(
            number, new TaskAddress("o" + number, "e", number), List.of("@a@1", "@b@2"), 1);
      }
      int size =
          switch (random.nextInt(50)) {
            case 0 -> random.nextInt(200_000);
            case 1, 2, 3, 4, 5 -> random.nextInt(20_000);
            default -> random.nextInt(200);
          };
      byte[] input = new byte[size];
      random.nextBytes(input);
      modelBytes += size;
      return new Operation(
          number,
          "op" + number,
          size == 0 ? null : Payload.of(input),
          random.nextBoolean() ? null : new TaskAddress("o", "e", number));
    }

    void remove(int count) {
      for (int i = 0; i < count; i++) {
        removed(model.poll());
      }
      happened(q -> q.remove(count));
    }

    private void removed(EntityRequest request) {
      if (request instanceof Operation operation && operation.input() != null) {
        modelBytes -= operation.input().size();
      }
    }

    void clear() {
      model.clear();
      modelBytes = 0;
      happened(OperationQueue::clear);
    }

    void look() {
      int most = 1 + random.nextInt(random.nextBoolean() ? 10 : 1_000);
      List<EntityRequest> first = queue.first(most, store::read);
      assertThat(first).hasSizeLessThanOrEqualTo(most);
      assertThat(first.isEmpty()).isEqualTo(model.isEmpty());
      assertThat(first).isEqualTo(model.stream().limit(first.size()).toList());
      boolean allSmall = first.stream().allMatch(request -> bytesOf(request) < 1_000);
      if (allSmall && most <= 10) {
        assertThat(first).hasSize(Math.min(most, model.size()));
      }
    }

    private static int bytesOf(EntityRequest request) {
      return request instanceof Operation operation && operation.input() != null
          ? operation.input().size()
          : 0;
    }

    void lookAtAll() {
      assertThat(all(queue, store)).isEqualTo(List.copyOf(model));
    }

    void checkpoint() {
      if (inFlight != null) {
        return; // a pass begins when the one before it is written
      }
      inFlight = new RowBatch();
      queue.checkpoint(inFlight, ID);
      stateInFlight = written(queue);
      emptyInFlight = queue.isEmpty();
      sinceInFlight = new ArrayList<>();
    }

    void write() {
      if (inFlight == null) {
        return;
      }
      writeRows();
      queue.written();
      if (queue.isEmpty() && since.isEmpty() && random.nextBoolean()) {
        store.state = null; // nothing is left of it, and nobody knows it any more
        queue = new OperationQueue();
      }
      assertThat(queue.headBytes()).isLessThan(headBytesMax(200_000));
    }

    private void writeRows() {
      store.write(inFlight, emptyInFlight && random.nextBoolean() ? null : stateInFlight);
      since = sinceInFlight;
      inFlight = null;
      sinceInFlight = null;
      if (emptyInFlight) {
        assertThat(store.chunks).as("nothing waits: no row is left over").isEmpty();
      }
    }

    /** Only the store is left; what happened after its rows were written is in the log. */
    void crash() {
      if (inFlight != null && random.nextBoolean()) {
        writeRows(); // it was written, but nobody has heard of it
      }
      inFlight = null;
      sinceInFlight = null;
      queue = readBack(store.state);
      since.forEach(event -> event.accept(queue));
    }

    void step(boolean growing) {
      switch (random.nextInt(20)) {
        case 0, 1, 2, 3, 4, 5, 6 -> {
          for (int i = growing ? 5 : 1; i > 0; i--) {
            add();
          }
        }
        case 7, 8, 9, 10 -> look();
        case 11, 12, 13 -> remove(random.nextInt(Math.min(model.size(), growing ? 5 : 200) + 1));
        case 14, 15 -> checkpoint();
        case 16, 17 -> write();
        case 18 -> {
          if (random.nextInt(3) == 0) {
            crash();
          }
        }
        default -> {
          switch (random.nextInt(20)) {
            case 0 -> clear();
            case 1, 2 -> lookAtAll();
            case 3 -> remove(model.size());
            default -> {}
          }
        }
      }
      assertThat(queue.size()).isEqualTo(model.size());
      assertThat(queue.isEmpty()).isEqualTo(model.isEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void nothingIsLostTwiceOrOutOfOrderWhateverHappens(long seed) {
    Trial trial = new Trial(seed);
    boolean growing = true;
    for (int i = 0; i < 6_000; i++) {
      if (i % 200 == 0) {
        growing = trial.random.nextBoolean();
      }
      trial.step(growing && trial.modelBytes < (20 << 20));
    }
    trial.lookAtAll();
    trial.remove(trial.model.size());
    trial.write();
    trial.checkpoint();
    trial.write();
    assertThat(trial.store.chunks).isEmpty();
    assertThat(trial.queue.headBytes()).isZero();
  }
}
