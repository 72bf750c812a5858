package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perdure.testing.PerdureExtension;
import dev.perdure.testing.TestHub;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The first tests of docs/testing.md. */
class OrdersTest {
  @RegisterExtension
  PerdureExtension perdure =
      PerdureExtension.with(
          hub ->
              hub.register(new Orders(new FakePayments())).replaceActivity("charge", "payment 1"));

  @Test
  void whatIsPackedInTimeIsPaidFor(TestHub hub) {
    String id = hub.client().startNew("order", new Orders.Order("tea", 12));
    hub.advance(Duration.ofDays(29));
    hub.client().raiseEvent(id, "packed", "parcel 7");
    assertEquals("payment 1 paid for parcel 7", hub.output(id, String.class));
  }

  @Test
  void whatIsNotPackedWithinThirtyDaysIsRefunded(TestHub hub) {
    String id = hub.client().startNew("order", new Orders.Order("tea", 12));
    assertEquals("payment 1 refunded", hub.output(id, String.class));
    hub.assertHistory(id).calledInOrder("charge", "refund").timersFired(1).completed();
    assertEquals("payment 1", hub.calls("refund").getFirst().input());
  }
}
