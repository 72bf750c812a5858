package dev.perdure.examples.entities.cart;

import dev.perdure.Perdure;
import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PerdureClient;
import dev.perdure.examples.entities.Ask;
import dev.perdure.examples.entities.Console;
import java.util.Optional;

/** Two customers fill their carts and check out; one of them has no money. */
public final class CartExample {
  private CartExample() {}

  /** Registers what the example needs. */
  static Perdure.Builder register(Perdure.Builder hub) {
    return hub.register(Cart.class).register(new Orders());
  }

  /** Runs the example, in memory. */
  public static int run(Console out) throws InterruptedException {
    try (Perdure perdure = register(Perdure.inMemory()).start()) {
      PerdureClient client = perdure.client();
      EntityId ada = EntityId.of(Cart.class, "ada");
      client.signalEntity(ada, "put", new Cart.Item("Darjeeling", 2, 1290));
      client.signalEntity(ada, "put", new Cart.Item("teapot", 1, 4200));
      client.signalEntity(ada, "put", new Cart.Item("Darjeeling", 1, 1290));
      show(out, client, ada, 4);

      out.say("Ada clicks twice. The second click finds the cart empty, fails, and is logged:");
      client.signalEntity(ada, "checkOut");
      client.signalEntity(ada, "checkOut");
      OrchestrationMetadata order = Ask.endOfOneToCome(client, "order-ada-1");
      out.say("%s: %s", order.instanceId(), order.output(String.class));
      show(out, client, ada, 0);

      EntityId grace = EntityId.of(Cart.class, Orders.CUSTOMER_WITHOUT_MONEY);
      client.signalEntity(grace, "put", new Cart.Item("Assam", 4, 990));
      show(out, client, grace, 4);
      client.signalEntity(grace, "checkOut");
      OrchestrationMetadata declined = Ask.endOfOneToCome(client, "order-grace-1");
      out.say("%s: %s", declined.instanceId(), declined.output(String.class));
      show(out, client, grace, 4);
      return client.status("order-ada-2").isEmpty() ? 0 : 1;
    }
  }

  /** Shows a cart once there are so many pieces in it. */
  private static void show(Console out, PerdureClient client, EntityId id, int pieces)
      throws InterruptedException {
    Cart cart =
        Ask.until(
            id + " to hold " + pieces + " pieces",
            () -> cart(client, id).filter(now -> pieces(now) == pieces));
    Order asOrder = new Order(id.key(), cart.lines());
    out.say(
        "%s holds %d pieces for %s: %s",
        id, pieces, Orders.euros(asOrder.cents()), cart.lines().keySet());
  }

  /** A cart as it is now. */
  static Optional<Cart> cart(PerdureClient client, EntityId id) {
    return client.getEntity(id).map(entity -> entity.state(Cart.class));
  }

  private static int pieces(Cart cart) {
    return cart.lines().values().stream().mapToInt(Cart.Line::pieces).sum();
  }
}
