package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.testing.Replays;
import dev.perdure.testing.TestHub;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The replay check of docs/testing.md. */
class OrdersUpgradeTest {
  @Test
  void whatIsUnderWayInProductionGoesOnWithThisCode() {
    int checked =
        Replays.check(
            TestHub.builder().register(new Orders(new FakePayments())),
            Path.of("src/test/histories"));
    assertEquals(1, checked);
  }

  static class ChangedOrders {
    @Orchestrator
    String order(OrchestrationContext ctx, Orders.Order order) {
      ctx.callActivity("checkStock", order.item(), Boolean.class).await();
      return ctx.callActivity("charge", order, String.class).await();
    }
  }

  @Test
  void aChangeThatWouldSetItAsideIsFound() {
    AssertionError error =
        assertThrows(
            AssertionError.class,
            () ->
                Replays.check(
                    TestHub.builder().register(new ChangedOrders()),
                    Path.of("src/test/histories")));
    System.out.println(error);
    assertTrue(error.getMessage().contains("order-17.json: NONDETERMINISM"), error::getMessage);
  }

  @Test
  void aHistoryIsExportedLikeThis(@TempDir Path directory) {
    TestHub.Builder program = TestHub.builder().register(new Orders(new FakePayments()));
    try (TestHub hub = program.open()) {
      String id = hub.client().startNew("order", new Orders.Order("tea", 12));
      hub.runUntilIdle();
      Replays.export(hub.client(), id, directory.resolve("order.json"));
      hub.checkNothingIsStuck();
    }
    assertEquals(1, Replays.check(program, directory));
  }
}
