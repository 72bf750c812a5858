package shop;

import dev.perdure.api.Activity;
import dev.perdure.api.ActivityContext;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.TaskTimeoutException;
import java.time.Duration;

/** The example of docs/testing.md. */
class Orders {
  record Order(String item, int price) {}

  /** Whoever takes the money. */
  interface Payments {
    String charge(String idempotencyKey, int amount);

    void refund(String payment);
  }

  private final Payments payments;

  Orders(Payments payments) {
    this.payments = payments;
  }

  @Orchestrator
  String order(OrchestrationContext ctx, Order order) {
    String payment = ctx.call(Orders::charge, order).await();
    try {
      String parcel = ctx.waitForExternalEvent("packed", Duration.ofDays(30), String.class).await();
      return payment + " paid for " + parcel;
    } catch (TaskTimeoutException e) {
      ctx.call(Orders::refund, payment).await();
      return payment + " refunded";
    }
  }

  @Activity
  String charge(ActivityContext ctx, Order order) {
    return payments.charge(ctx.idempotencyKey(), order.price());
  }

  @Activity
  void refund(String payment) {
    payments.refund(payment);
  }
}
