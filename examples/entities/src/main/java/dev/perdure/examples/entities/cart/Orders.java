package dev.perdure.examples.entities.cart;

import dev.perdure.api.Activity;
import dev.perdure.api.ActivityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.TaskFailedException;
import java.util.Locale;

/** Carries out orders. Talking to others, such as a bank, is for activities, not for entities. */
final class Orders {
  static final String CUSTOMER_WITHOUT_MONEY = "grace";

  /** The bank says no. */
  static final class PaymentDeclinedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PaymentDeclinedException(String message) {
      super(message);
    }
  }

  @Orchestrator
  String carryOut(OrchestrationContext ctx, Order order) {
    try {
      ctx.call(Orders::charge, order).await();
    } catch (TaskFailedException e) {
      EntityId cart = EntityId.of(Cart.class, order.customer());
      ctx.callEntity(cart, Cart::putBack, order).await();
      return "not paid (%s), back in the cart".formatted(e.details().message());
    }
    String tracking = ctx.call(Orders::ship, order).await();
    return "paid, on its way as " + tracking;
  }

  @Activity
  void charge(Order order) {
    if (order.customer().equals(CUSTOMER_WITHOUT_MONEY)) {
      throw new PaymentDeclinedException("%s declined".formatted(euros(order.cents())));
    }
  }

  @Activity
  String ship(ActivityContext activity, Order order) {
    return "parcel %s with %d pieces".formatted(activity.instanceId(), order.pieces());
  }

  static String euros(int cents) {
    return String.format(Locale.ROOT, "%,.2f", cents / 100.0);
  }
}
