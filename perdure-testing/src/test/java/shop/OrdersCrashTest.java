package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perdure.testing.CrashEverywhere;
import dev.perdure.testing.CrashReport;
import dev.perdure.testing.TestHub;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The crashes of docs/testing.md, whose output is that of this test. */
class OrdersCrashTest {
  @Test
  void nobodyPaysForWhatNeverCameWhereverTheHostIsKilled() {
    CrashReport report =
        CrashEverywhere.with(FakePayments::new)
            .program(payments -> TestHub.builder().register(new Orders(payments)))
            .scenario(
                (hub, payments) -> {
                  String output = hub.run("order", new Orders.Order("tea", 12), String.class);
                  return List.of(output, payments.kept());
                })
            .run();
    System.out.println(report);
    assertEquals("[\"payment 1 refunded\",[]]", report.outcome());
    assertTrue(report.repeatedActivities().containsAll(List.of("charge", "refund")));
  }

  /** A payment service that takes money whenever it is asked to. */
  static final class ForgetfulPayments implements Orders.Payments {
    private final AtomicInteger payments = new AtomicInteger();

    @Override
    public String charge(String idempotencyKey, int amount) {
      return "payment " + payments.incrementAndGet();
    }

    @Override
    public void refund(String payment) {}
  }

  @Test
  void aServiceThatForgetsWhatItHasSeenIsFound() {
    AssertionError error =
        assertThrows(
            AssertionError.class,
            () ->
                CrashEverywhere.with(ForgetfulPayments::new)
                    .program(payments -> TestHub.builder().register(new Orders(payments)))
                    .scenario(
                        (hub, payments) ->
                            hub.run("order", new Orders.Order("tea", 12), String.class))
                    .run());
    System.out.println(error);
    assertTrue(error.getMessage().contains("after 'charge' had run"), error::getMessage);
  }
}
