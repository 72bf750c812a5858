package dev.perdure.examples.entities.devices;

import dev.perdure.Perdure;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntitySignal;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.PerdureClient;
import dev.perdure.examples.entities.Ask;
import dev.perdure.examples.entities.Console;
import dev.perdure.examples.entities.devices.Device.Reading;
import dev.perdure.examples.entities.devices.Fleet.Totals;
import dev.perdure.examples.entities.devices.Owners.Silent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Many devices report; some fall silent, and their owners are told. */
public final class DevicesExample {
  private static final int ROUNDS_MIN = 3;
  private static final int FALLS_SILENT = 100;

  private final Console out;
  private final int devices;
  private final Duration every;
  private final Mailbox mailbox = new Mailbox();
  private long sent;
  private long sum;
  private int highest = Integer.MIN_VALUE;

  /**
   * An example.
   *
   * @param devices how many there are; every hundredth of them falls silent
   * @param every how often each reports
   */
  public DevicesExample(Console out, int devices, Duration every) {
    this.out = out;
    this.devices = devices;
    this.every = every;
  }

  /** Orchestrators of the example. */
  static final class Totaling {
    @Orchestrator
    Totals totalsOf(OrchestrationContext ctx, String fleet) {
      return ctx.callEntity(EntityId.of(Fleet.class, fleet), Fleet::totals).await();
    }
  }

  /** Registers what the example needs. */
  static Perdure.Builder register(Perdure.Builder hub, Mailbox mailbox) {
    return hub.register(Device.class)
        .register(Fleet.class)
        .register(new Totaling())
        .register(new Owners(mailbox));
  }

  /** Runs the example, in memory; returns the exit code. */
  public int run() throws InterruptedException {
    try (Perdure perdure = register(Perdure.inMemory(), mailbox).start()) {
      Totals totals = simulate(perdure.client());
      out.say(
          "%,d readings, %.1f degrees on average, %.1f at most",
          totals.readings(), totals.sum() / 10.0 / totals.readings(), totals.highest() / 10.0);
      out.say("silent: %s", String.join(", ", totals.silent()));
      int told = Ask.of(perdure.client(), "tellOwners", new Silent(totals.silent()), Integer.class);
      out.say("%d owners were told at once, with %d mails.", told, mailbox.sent().size());
      boolean well = totals.equals(expected()) && mailbox.sent().size() == totals.silent().size();
      out.say(
          well ? "It is what the devices have sent, to the last reading." : "It should be %s.",
          expected());
      return well ? 0 : 1;
    }
  }

  /**
   * Has devices report until the fleet has noticed who is silent, and everything has been added up.
   */
  Totals simulate(PerdureClient client) throws InterruptedException {
    for (int round = 1; round <= ROUNDS_MIN || !silent(client).equals(expectedSilent()); round++) {
      List<EntitySignal> signals = readings(round);
      long begun = System.nanoTime();
      client.signalEntities(signals);
      out.say(
          "round %d  %,5d reports acknowledged together after %d ms",
          round, signals.size(), (System.nanoTime() - begun) / 1_000_000);
      Thread.sleep(every);
    }
    // A report goes from a device to the fleet in its own time; what has been sent does arrive.
    Ask.until(
        "all readings to arrive",
        () -> Optional.of(totals(client)).filter(totals -> totals.readings() >= sent));
    return Ask.of(client, "totalsOf", Fleet.ID.key(), Totals.class);
  }

  private List<EntitySignal> readings(int round) {
    List<EntitySignal> signals = new ArrayList<>();
    for (int device = 0; device < devices; device++) {
      if (round == 1 || !fallsSilent(device)) {
        int decidegrees = new SplittableRandom(device * 31L + round).nextInt(150, 250);
        signals.add(EntitySignal.of(id(device), "report", new Reading(decidegrees, every)));
        sent++;
        sum += decidegrees;
        highest = Math.max(highest, decidegrees);
      }
    }
    return signals;
  }

  /** What the totals have to be. */
  Totals expected() {
    return new Totals(sent, sum, highest, expectedSilent());
  }

  private List<String> expectedSilent() {
    List<String> silent = new ArrayList<>();
    for (int device = 0; device < devices; device++) {
      if (fallsSilent(device)) {
        silent.add(id(device).key());
      }
    }
    return silent;
  }

  private static boolean fallsSilent(int device) {
    return device % FALLS_SILENT == FALLS_SILENT / 2;
  }

  private static List<String> silent(PerdureClient client) {
    return totals(client).silent();
  }

  /** The totals as of the last operations that ran: read from outside, with nobody waiting. */
  private static Totals totals(PerdureClient client) {
    return client
        .getEntity(Fleet.ID)
        .map(entity -> entity.state(Fleet.class))
        .orElseGet(Fleet::new)
        .totals();
  }

  private static EntityId id(int device) {
    return EntityId.of(Device.class, "d-%04d".formatted(device));
  }
}
