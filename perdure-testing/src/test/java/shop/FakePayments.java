package shop;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A payment service that recognises what it has seen. */
class FakePayments implements Orders.Payments {
  private final Map<String, String> byKey = new HashMap<>();
  private final List<String> refunded = new ArrayList<>();

  @Override
  public synchronized String charge(String idempotencyKey, int amount) {
    return byKey.computeIfAbsent(idempotencyKey, key -> "payment " + (byKey.size() + 1));
  }

  @Override
  public synchronized void refund(String payment) {
    if (!refunded.contains(payment)) {
      refunded.add(payment);
    }
  }

  /** All that was charged and not given back. */
  synchronized List<String> kept() {
    return byKey.values().stream().filter(payment -> !refunded.contains(payment)).sorted().toList();
  }
}
