package dev.perdure.examples.entities.devices;

import dev.perdure.api.Activity;
import dev.perdure.api.ActivityContext;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.Task;
import java.util.ArrayList;
import java.util.List;

/** Tells the owners of silent devices, of all at once: fan-out and fan-in. */
final class Owners {
  private final Mailbox mailbox;

  /** Owners that are told by mail. */
  Owners(Mailbox mailbox) {
    this.mailbox = mailbox;
  }

  /** Silent devices. A class of its own keeps the type of the elements where JSON does not. */
  record Silent(List<String> devices) {}

  /** Tells the owner of each; gives how many were told. */
  @Orchestrator
  int tellOwners(OrchestrationContext ctx, Silent silent) {
    List<Task<String>> told = new ArrayList<>();
    for (String device : silent.devices()) {
      told.add(ctx.call(Owners::tellOwner, device));
    }
    return ctx.allOf(told).await().size();
  }

  /**
   * Tells one. If the host dies before the result is recorded, this runs again, with the same key:
   * the mailbox knows by it that the mail has been sent.
   */
  @Activity
  String tellOwner(ActivityContext activity, String device) {
    String text = "Your device %s is silent.".formatted(device);
    mailbox.send(activity.idempotencyKey(), text);
    return text;
  }
}
