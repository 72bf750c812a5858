package dev.perdure.simulation;

import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import java.util.function.Consumer;

/** Interferes with orchestrations, and checks that what was acknowledged was done. */
final class Manager {
  private static final String LOST = "nothing acknowledged is lost";

  private final Requester hub;
  private final Promises promises;
  private final Report report;

  Manager(Requester hub, Promises promises, Report report) {
    this.hub = hub;
    this.promises = promises;
    this.report = report;
  }

  /** What came of a request. */
  private enum Answer {
    ACCEPTED,
    /** It was refused: the orchestration has ended. */
    REFUSED,
    /** There is no such orchestration. */
    MISSED
  }

  /** Asks for something to be done to an orchestration. */
  private Answer manage(String id, Consumer<PerdureClient> request) {
    boolean acknowledged = promises.isAcknowledged(id); // before the question is asked
    try {
      hub.demand(request);
      return Answer.ACCEPTED;
    } catch (InvalidInstanceStateException e) {
      return Answer.REFUSED;
    } catch (InstanceNotFoundException e) {
      promises.missed(id, acknowledged);
      return Answer.MISSED;
    }
  }

  void raise(String id) {
    manage(id, client -> client.raiseEvent(id, Functions.EVENT, "now"));
  }

  void suspend(String id) {
    Promise promise = promises.get(id);
    if (promise == null) {
      return;
    }
    int resumes = promise.resumesAsked;
    boolean undisturbed = promise.resumesUnderWay == 0;
    Answer answer = manage(id, client -> client.suspend(id, "a while"));
    if (answer == Answer.ACCEPTED && undisturbed && promise.resumesAsked == resumes) {
      promise.suspended = true;
      report.used(Feature.SUSPENDED);
    }
  }

  void resume(String id) {
    Promise promise = promises.get(id);
    if (promise == null) {
      return;
    }
    promise.suspended = false;
    promise.resumesAsked++;
    promise.resumesUnderWay++;
    manage(id, client -> client.resume(id, null));
    promise.resumesUnderWay--;
  }

  void terminate(String id) {
    Promise promise = promises.get(id);
    if (promise == null) {
      return;
    }
    promise.mayBeTerminated = true;
    boolean ended = promise.end != null;
    Answer answer = manage(id, client -> client.terminate(id, "enough"));
    if (answer == Answer.MISSED) {
      return;
    }
    OrchestrationMetadata status = hub.status(id);
    if (status == null) {
      promises.missed(id, true);
      return;
    }
    report.check(
        LOST,
        answer == Answer.ACCEPTED
            ? status.status() == OrchestrationStatus.TERMINATED
            : status.isTerminal(),
        "%s, whose termination was %s, is %s".formatted(id, answer, status.status()));
    if (answer == Answer.ACCEPTED) {
      report.check("one end", !ended, id + " had ended, and was terminated");
      report.used(Feature.TERMINATED);
    }
  }

  /** Sends a letter to a mailbox, until that is acknowledged. */
  void write(String id) {
    Mailbox mailbox = promises.mailbox(id);
    int number = mailbox.next();
    Answer answer =
        manage(id, client -> client.raiseEvent(id, Functions.LETTER, Integer.toString(number)));
    if (answer == Answer.ACCEPTED) {
      mailbox.acknowledged(number);
    } else if (answer == Answer.REFUSED) {
      Promise promise = promises.get(id);
      report.check(
          LOST,
          mailbox.isClosed() || (promise != null && promise.mayBeTerminated),
          "letter %d was refused by %s, which nobody has ended".formatted(number, id));
    }
  }

  /** Sends a mailbox its last letter; one that is not there yet stays open. */
  void close(String id) {
    Mailbox mailbox = promises.mailbox(id);
    mailbox.close();
    if (manage(id, client -> client.raiseEvent(id, Functions.LETTER, Functions.LAST))
        == Answer.MISSED) {
      mailbox.reopen();
    }
  }

  /** Looks at an orchestration. */
  void look(String id) {
    Promise promise = promises.get(id);
    if (promise == null) {
      return;
    }
    boolean acknowledged = promise.acknowledged;
    boolean ended = promise.end != null;
    boolean suspended = promise.suspended;
    int resumes = promise.resumesAsked;
    OrchestrationMetadata status = hub.status(id);
    if (status == null) {
      promises.missed(id, acknowledged);
      return;
    }
    report.check(
        "one end", !ended || status.isTerminal(), "%s had ended and runs again".formatted(id));
    if (suspended && promise.resumesAsked == resumes) {
      report.check(
          LOST,
          status.isTerminal() || status.status() == OrchestrationStatus.SUSPENDED,
          "%s, which was suspended and not resumed, is %s".formatted(id, status.status()));
    }
    promises.seen(status);
  }
}
