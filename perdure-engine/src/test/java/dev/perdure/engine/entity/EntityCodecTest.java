package dev.perdure.engine.entity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.Samples;
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
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EntityCodecTest {
  static List<Class<?>> events() {
    return Samples.kinds(EntityEvent.class);
  }

  static List<Class<?>> requests() {
    return Samples.kinds(EntityRequest.class);
  }

  private static byte[] encoded(EntityEvent event) {
    Encoder out = new Encoder(1);
    EntityCodec.write(out, event);
    return out.toBytes();
  }

  private static byte[] encoded(EntityRequest request) {
    Encoder out = new Encoder(1);
    EntityCodec.write(out, request);
    return out.toBytes();
  }

  @ParameterizedTest
  @MethodSource("events")
  void anEventIsReadBackAsItWasWritten(Class<? extends EntityEvent> kind) {
    Samples samples = new Samples(new Random(kind.getName().hashCode()));
    for (int i = 0; i < 200; i++) {
      EntityEvent event = samples.of(kind);
      Decoder in = new Decoder(encoded(event));
      assertThat(EntityCodec.readEvent(in)).isEqualTo(event);
      assertThat(in.hasMore()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("requests")
  void aRequestIsReadBackAsItWasWritten(Class<? extends EntityRequest> kind) {
    Samples samples = new Samples(new Random(kind.getName().hashCode()));
    for (int i = 0; i < 200; i++) {
      EntityRequest request = samples.of(kind);
      Decoder in = new Decoder(encoded(request));
      assertThat(EntityCodec.readRequest(in)).isEqualTo(request);
      assertThat(in.hasMore()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("events")
  void anEventThatIsCutShortIsReportedAsDamaged(Class<? extends EntityEvent> kind) {
    Samples samples = new Samples(new Random(7));
    for (int i = 0; i < 20; i++) {
      byte[] bytes = encoded(samples.of(kind));
      int step = Math.max(1, bytes.length / 100);
      for (int length = 0; length < bytes.length; length += step) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertDamaged(() -> EntityCodec.readEvent(new Decoder(cut)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("requests")
  void aRequestThatIsCutShortIsReportedAsDamaged(Class<? extends EntityRequest> kind) {
    Samples samples = new Samples(new Random(7));
    for (int i = 0; i < 20; i++) {
      byte[] bytes = encoded(samples.of(kind));
      int step = Math.max(1, bytes.length / 100);
      for (int length = 0; length < bytes.length; length += step) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertDamaged(() -> EntityCodec.readRequest(new Decoder(cut)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("events")
  void anEventWithABitChangedIsAnotherEventOrReportedAsDamaged(Class<? extends EntityEvent> kind) {
    Random random = new Random(11);
    Samples samples = new Samples(random);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = encoded(samples.of(kind));
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        EntityCodec.readEvent(new Decoder(bytes));
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageContaining("Damaged content");
      }
    }
  }

  @Test
  void whatNobodyKnowsIsReportedAsDamaged() {
    byte[] event = encoded(new LockReleased(AT));
    event[0] = 99;
    assertThatThrownBy(() -> EntityCodec.readEvent(new Decoder(event)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Damaged content: no event of an entity has tag 99");
    byte[] request = encoded(SIGNAL);
    request[0] = 99;
    assertThatThrownBy(() -> EntityCodec.readRequest(new Decoder(request)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Damaged content: no request of an entity has tag 99");
    byte[] change = encoded(new BatchCompleted(AT, 2, false, new StateChange.Unchanged()));
    change[change.length - 1] = 99;
    assertThatThrownBy(() -> EntityCodec.readEvent(new Decoder(change)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Damaged content: no change of a state has tag 99");
  }

  /** Only operations can be scheduled, and only lock requests outlive a purge. */
  @Test
  void aRequestOfTheWrongKindIsReportedAsDamaged() {
    String scheduled = "02" + AT_HEX + "06" + AT_HEX;
    assertDamaged(() -> EntityCodec.readEvent(decoder(scheduled + LOCK_HEX)));
    String purged = "0c" + AT_HEX + "02";
    assertDamaged(() -> EntityCodec.readEvent(decoder(purged + SIGNAL_HEX)));
  }

  private static Decoder decoder(String hex) {
    return new Decoder(HexFormat.of().parseHex(hex));
  }

  private static void assertDamaged(ThrowingCallable read) {
    assertThatThrownBy(read)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Damaged content");
  }

  // ---- the format is for ever -------------------------------------------------------------------

  private static final Instant AT = Instant.ofEpochMilli(1_893_456_000_123L);
  private static final String AT_HEX = "f6d1adac9b6e";

  private static final TaskAddress TASK = new TaskAddress("p", "e", 2);
  private static final Operation CALL = new Operation(64, "add", Payload.of("1"), TASK);
  private static final Operation SIGNAL = new Operation(64, "add", null, null);
  private static final LockRequest LOCK = new LockRequest(64, TASK, List.of("@c@a", "@c@b"), 1);

  private static final String CALL_HEX = "0180010661646402310270026504";
  private static final String SIGNAL_HEX = "0280010661646401";
  private static final String LOCK_HEX = "0380010270026504040840634061084063406202";

  private static final Map<EntityRequest, String> REQUESTS =
      Map.of(CALL, CALL_HEX, SIGNAL, SIGNAL_HEX, LOCK, LOCK_HEX);

  private static final Map<EntityEvent, String> EVENTS =
      Map.ofEntries(
          Map.entry(new RequestReceived(AT, CALL, true), "01" + AT_HEX + "01" + CALL_HEX),
          Map.entry(new RequestReceived(AT, LOCK, false), "01" + AT_HEX + "00" + LOCK_HEX),
          Map.entry(
              new SignalScheduled(AT, 3, SIGNAL, AT), "02" + AT_HEX + "06" + AT_HEX + SIGNAL_HEX),
          Map.entry(new SignalDue(AT, 3, false), "03" + AT_HEX + "06"),
          Map.entry(new SignalDue(AT, 3, true), "0d" + AT_HEX + "06"),
          Map.entry(
              new BatchCompleted(AT, 2, false, new StateChange.Unchanged()),
              "04" + AT_HEX + "040000"),
          Map.entry(
              new BatchCompleted(AT, 2, true, new StateChange.Deleted()), "04" + AT_HEX + "040101"),
          Map.entry(
              new BatchCompleted(AT, 200, false, new StateChange.Replaced(Payload.of("7"))),
              "04" + AT_HEX + "900300020237"),
          Map.entry(new LockAcquired(AT, TASK), "05" + AT_HEX + "0270026504"),
          Map.entry(new LockReleased(AT), "06" + AT_HEX),
          Map.entry(new LockWithdrawn(AT, TASK), "07" + AT_HEX + "0270026504"),
          Map.entry(new WithdrawnLockPassed(AT), "08" + AT_HEX),
          Map.entry(
              new EntitySetAside(AT, new Problem(Problem.Kind.POISON, "bad")),
              "09" + AT_HEX + "0c504f49534f4e06626164"),
          Map.entry(new EntityRequeued(AT, "again"), "0a" + AT_HEX + "010a616761696e"),
          Map.entry(new BatchRedelivered(AT, 2), "0b" + AT_HEX + "04"),
          Map.entry(new EntityPurged(AT, List.of(LOCK)), "0c" + AT_HEX + "02" + LOCK_HEX));

  /**
   * If this fails, hubs that exist can no longer be read. Read the old form for ever and write a
   * new one under a new tag; never change these bytes.
   */
  @Test
  void theStoredFormOfEventsNeverChanges() {
    assertThat(EVENTS.keySet().stream().map(Object::getClass).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(events());
    EVENTS.forEach(
        (event, hex) -> {
          assertThat(HexFormat.of().formatHex(encoded(event))).as(event.toString()).isEqualTo(hex);
          assertThat(EntityCodec.readEvent(decoder(hex))).isEqualTo(event);
        });
  }

  /** Requests that wait are stored in this form, too. */
  @Test
  void theStoredFormOfRequestsNeverChanges() {
    assertThat(REQUESTS.keySet().stream().map(Object::getClass).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(requests());
    REQUESTS.forEach(
        (request, hex) -> {
          assertThat(HexFormat.of().formatHex(encoded(request)))
              .as(request.toString())
              .isEqualTo(hex);
          assertThat(EntityCodec.readRequest(decoder(hex))).isEqualTo(request);
        });
  }
}
