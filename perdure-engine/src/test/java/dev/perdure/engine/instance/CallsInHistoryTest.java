package dev.perdure.engine.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.HistoryCodec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an activity was called with is written once, however often its caller is written. */
class CallsInHistoryTest {
  private static final Instant AT = Instant.ofEpochMilli(1_000);
  private static final int LONG = InstanceCodec.INPUT_BYTES_MAX;

  private final Instance live = new Instance("i");
  private final List<byte[]> chunks = new ArrayList<>();
  private Encoder tail = new Encoder(64);
  private long position;

  private void happens(HistoryEvent event) {
    live.apply(event, position++);
    HistoryCodec.write(tail, event);
  }

  private void starts() {
    happens(new ExecutionStarted(AT, "o", "", "e", null, null, null, Map.of()));
  }

  private void calls(int taskId, int bytes) {
    happens(call(taskId, bytes));
  }

  private static TaskScheduled call(int taskId, int bytes) {
    return new TaskScheduled(
        AT.plusMillis(taskId),
        taskId,
        "a" + taskId,
        Payload.of(new byte[bytes]),
        taskId,
        2,
        3,
        "v" + taskId,
        Map.of("task", "" + taskId),
        new TraceContext("00-a-b-01", "t=" + taskId));
  }

  /** Writes a row and a chunk of the history, as a checkpoint does; the row. */
  private byte[] checkpoint() {
    for (OpenTask task : live.openTasks()) {
      ((OpenTask.Activity) task).storedIn(chunks.size());
    }
    chunks.add(tail.toBytes());
    tail = new Encoder(64);
    return written(live);
  }

  private static byte[] written(Instance state) {
    Encoder out = new Encoder(64);
    InstanceCodec.write(out, state);
    return out.toBytes();
  }

  private Instance read(byte[] row) {
    CallsInHistory calls = new CallsInHistory();
    Instance back = InstanceCodec.read("i", live.position(), new Decoder(row), calls);
    for (int i = 0; i < chunks.size(); i++) {
      calls.look(i, chunks.get(i));
    }
    calls.addTo(back);
    return back;
  }

  private void assertReadBack(byte[] row) {
    Instance back = read(row);
    assertThat(back.openTasks()).hasSameSizeAs(live.openTasks());
    for (OpenTask task : live.openTasks()) {
      assertThat(back.openTask(task.taskId())).usingRecursiveComparison().isEqualTo(task);
    }
  }

  @Test
  void inputsThatAreLongTogetherAreLeftToTheHistory() {
    starts();
    calls(0, LONG);
    byte[] one = checkpoint();
    assertThat(one).hasSizeGreaterThan(LONG);
    assertReadBack(one);

    for (int i = 1; i < 100; i++) {
      calls(i, LONG);
    }
    happens(new WorkRedelivered(AT, 7, 3));
    byte[] many = checkpoint();
    assertThat(many).hasSizeLessThan(2 * LONG);
    assertReadBack(many);

    happens(new TaskCompleted(AT, 0, null));
    happens(new TaskCompleted(AT, 50, null));
    calls(100, 1);
    assertReadBack(checkpoint());
  }

  @Test
  void aCallIsAsItWasMadeInItsOwnChunkWhateverHadItsIdBefore() {
    starts();
    calls(0, LONG);
    calls(1, 3 * LONG);
    checkpoint();
    happens(new TaskCompleted(AT, 1, null));
    happens(
        new ExecutionRewound(
            AT, null, List.of(), List.of(call(1, 5 * LONG), call(2, 6 * LONG)), 1, 1));
    assertReadBack(checkpoint());
    calls(1, 7 * LONG);
    calls(1, 8 * LONG);
    byte[] row = checkpoint();
    assertThat(row).hasSizeLessThan(2 * LONG);
    assertReadBack(row);
  }

  @Test
  void aHistoryWithoutTheCallIsDamaged() {
    starts();
    calls(0, LONG);
    calls(1, LONG);
    byte[] row = checkpoint();
    assertThat(row).hasSizeLessThan(2 * LONG);
    Encoder other = new Encoder(64);
    HistoryCodec.write(other, call(7, 1));
    chunks.set(0, other.toBytes());
    assertThatThrownBy(() -> read(row))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Damaged content: chunk 0 of the history has no call of task");
  }

  /** Older versions did not say where a call is: it stays in the state. */
  @Test
  void aCallThatIsNotKnownToBeInTheHistoryStaysInTheState() {
    starts();
    calls(0, LONG);
    calls(1, LONG);
    Instance old = read(written(live));
    for (OpenTask task : old.openTasks()) {
      ((OpenTask.Activity) task).storedIn(5);
    }
    byte[] row = written(old);
    assertThat(row).hasSizeGreaterThan(2 * LONG);
    assertThat(read(row).openTasks()).hasSize(2);
  }
}
