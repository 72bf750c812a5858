package dev.perdure.cli.demo;

import dev.perdure.api.Activity;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.Orchestrator;
import java.util.Locale;

/** Function chaining: each step needs what the one before it returned. */
final class Chaining implements Story {
  private static final double STEP_SECONDS = 0.9;

  private final Narrator narrator;
  private final Pace pace;

  Chaining(Narrator narrator, Pace pace) {
    this.narrator = narrator;
    this.pace = pace;
  }

  /** What was ordered. */
  record Order(String customer, String item, int quantity, int cents) {}

  /** What was taken from the shelf. */
  record Reservation(String number, Order order) {}

  /** What was paid for. */
  record Payment(String number, Reservation reservation) {}

  @Override
  public String key() {
    return "chaining";
  }

  @Override
  public String title() {
    return "Function chaining";
  }

  @Override
  public String explanation() {
    return "An order goes through five steps. Each gets what the one before it returned.";
  }

  @Override
  public String orchestrator() {
    return "demoOrder";
  }

  @Override
  public Object input() {
    return new Order("Ada", "Darjeeling First Flush", 3, 2670);
  }

  @Override
  public String outcome(OrchestrationMetadata end) {
    return String.valueOf(end.output(String.class));
  }

  @Orchestrator(name = "demoOrder")
  String process(OrchestrationContext ctx, Order order) {
    Reservation reservation = ctx.call(Chaining::reserveStock, order).await();
    Payment payment = ctx.call(Chaining::chargeCard, reservation).await();
    String parcel = ctx.call(Chaining::packParcel, payment).await();
    String tracking = ctx.call(Chaining::callCarrier, parcel).await();
    return ctx.call(Chaining::thankCustomer, tracking).await();
  }

  @Activity
  Reservation reserveStock(Order order) throws InterruptedException {
    pace.work(STEP_SECONDS);
    narrator.done(
        "reserveStock", "%d x %s taken off the shelf".formatted(order.quantity(), order.item()));
    return new Reservation("R-1017", order);
  }

  @Activity
  Payment chargeCard(Reservation reservation) throws InterruptedException {
    pace.work(STEP_SECONDS);
    Order order = reservation.order();
    narrator.done(
        "chargeCard",
        String.format(
            Locale.ROOT,
            "%s pays %.2f for reservation %s",
            order.customer(),
            order.cents() / 100.0,
            reservation.number()));
    return new Payment("P-2291", reservation);
  }

  @Activity
  String packParcel(Payment payment) throws InterruptedException {
    pace.work(STEP_SECONDS);
    narrator.done("packParcel", "payment %s is in, the box is closed".formatted(payment.number()));
    return "parcel for " + payment.reservation().order().customer();
  }

  @Activity
  String callCarrier(String parcel) throws InterruptedException {
    pace.work(STEP_SECONDS);
    narrator.done("callCarrier", parcel + " handed over");
    return "TRACK-77-" + parcel.length();
  }

  @Activity
  String thankCustomer(String tracking) throws InterruptedException {
    pace.work(STEP_SECONDS);
    narrator.done("thankCustomer", "mail sent with tracking number " + tracking);
    return "order delivered to the carrier as " + tracking;
  }
}
