package dev.perdure.examples.entities.cart;

import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityUpdate;
import dev.perdure.api.StartOptions;
import java.util.Map;
import java.util.TreeMap;

/**
 * A customer's cart. The record is the state: an operation that returns a cart returns the next
 * state. The key is the customer.
 *
 * @param orders how many orders were made of it; numbers the next one
 * @param lines what is in it, by product
 */
@Entity
record Cart(int orders, Map<String, Line> lines) {
  /** So much of a product, at this price. */
  record Line(int pieces, int cents) {}

  /** What is put into a cart. */
  record Item(String product, int pieces, int cents) {}

  /** An empty cart: what a customer has who has none yet. */
  Cart() {
    this(0, Map.of());
  }

  Cart put(Item item) {
    return merged(Map.of(item.product(), new Line(item.pieces(), item.cents())));
  }

  /** An order could not be carried out: its things come back. */
  Cart putBack(Order order) {
    return merged(order.lines());
  }

  Cart remove(String product) {
    Map<String, Line> left = new TreeMap<>(lines);
    left.remove(product);
    return new Cart(orders, left);
  }

  /**
   * Makes an order of what is in the cart, and empties it: both, or neither, whatever happens. The
   * result is the id of the orchestration that carries out the order.
   */
  EntityUpdate<Cart, String> checkOut(EntityContext ctx) {
    if (lines.isEmpty()) {
      throw new IllegalStateException("the cart of %s is empty".formatted(ctx.id().key()));
    }
    String customer = ctx.id().key();
    String orderId = "order-%s-%d".formatted(customer, orders + 1);
    ctx.startNew("carryOut", new Order(customer, lines), StartOptions.id(orderId));
    return EntityUpdate.of(new Cart(orders + 1, Map.of()), orderId);
  }

  private Cart merged(Map<String, Line> more) {
    Map<String, Line> all = new TreeMap<>(lines);
    more.forEach(
        (product, line) ->
            all.merge(product, line, (a, b) -> new Line(a.pieces() + b.pieces(), b.cents())));
    return new Cart(orders, all);
  }
}
