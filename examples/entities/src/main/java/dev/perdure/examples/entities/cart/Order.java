package dev.perdure.examples.entities.cart;

import java.util.Map;

/** What a customer has ordered. */
record Order(String customer, Map<String, Cart.Line> lines) {
  int pieces() {
    return lines.values().stream().mapToInt(Cart.Line::pieces).sum();
  }

  int cents() {
    return lines.values().stream().mapToInt(line -> line.pieces() * line.cents()).sum();
  }
}
