package dev.perdure.cli.demo;

import dev.perdure.api.Activity;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.TaskTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Human interaction: waits for a person, but not for ever; then somebody else is asked. */
final class Approval implements Story {
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);
  private static final String BOB = "Bob";

  private final Narrator narrator;
  private final Pace pace;
  private final @Nullable Person you;

  /**
   * The story.
   *
   * @param you who is asked first; null for somebody who never answers
   */
  Approval(Narrator narrator, Pace pace, @Nullable Person you) {
    this.narrator = narrator;
    this.pace = pace;
    this.you = you;
  }

  /** Somebody who can be asked. */
  @FunctionalInterface
  interface Person {
    /** Asks and waits; empty if there will be no answer. */
    Optional<Boolean> ask(String question);
  }

  /** What is asked for, and of whom. */
  record Request(String what, String first, Duration patience, String second) {}

  /** What a person said. */
  record Answer(boolean approved, String remark) {}

  /** What was decided. */
  record Decision(String what, String by, Answer answer) {}

  @Override
  public String key() {
    return "approval";
  }

  @Override
  public String title() {
    return "Human interaction";
  }

  @Override
  public String explanation() {
    return "Somebody has to approve an expense. Who does not answer in time is passed over.";
  }

  @Override
  public String orchestrator() {
    return "demoApproval";
  }

  @Override
  public Object input() {
    return you == null
        ? new Request("Train to Lyon, 148.00", "Ann", pace.of(3), BOB)
        : new Request("Train to Lyon, 148.00", "you", Duration.ofSeconds(30), BOB);
  }

  @Override
  public String outcome(OrchestrationMetadata end) {
    return String.valueOf(end.output(String.class));
  }

  @Orchestrator(name = "demoApproval")
  String decide(OrchestrationContext ctx, Request request) {
    ctx.call(Approval::sendRequest, request.first()).await();
    Decision decision;
    try {
      decision = waitFor(ctx, request, request.first(), request.patience());
    } catch (TaskTimeoutException e) {
      if (!ctx.isReplaying()) {
        narrator.turn("no answer from %s, on to %s".formatted(request.first(), request.second()));
      }
      ctx.call(Approval::sendRequest, request.second()).await();
      decision = waitFor(ctx, request, request.second(), Duration.ofDays(30));
    }
    ctx.setCustomStatus("decided");
    return ctx.call(Approval::book, decision).await();
  }

  private static Decision waitFor(
      OrchestrationContext ctx, Request request, String person, Duration patience) {
    ctx.setCustomStatus(waitingFor(person));
    Answer answer = ctx.waitForExternalEvent(event(person), patience, Answer.class).await();
    return new Decision(request.what(), person, Objects.requireNonNull(answer));
  }

  @Activity
  String sendRequest(String person) throws InterruptedException {
    pace.work(0.5);
    narrator.done("sendRequest", "mail to %s: please approve".formatted(person));
    return person;
  }

  @Activity
  String book(Decision decision) throws InterruptedException {
    pace.work(0.7);
    Answer answer = decision.answer();
    narrator.done(
        "book", "%s %s".formatted(decision.what(), answer.approved() ? "booked" : "turned down"));
    return "%s by %s: \"%s\""
        .formatted(answer.approved() ? "approved" : "rejected", decision.by(), answer.remark());
  }

  // ---- the world outside --------------------------------------------------------------------

  @Override
  public void accompany(PerdureClient client, String instanceId) throws InterruptedException {
    if (you != null) {
      Person asked = you;
      // It may wait for a key that is never pressed, and must not keep the demo from ending.
      Thread.ofPlatform()
          .name("demo-approver")
          .daemon()
          .start(() -> answerForYou(client, instanceId, asked));
    }
    if (awaitStatus(client, instanceId, waitingFor(BOB))) {
      Thread.sleep(pace.of(2));
      answer(client, instanceId, BOB, new Answer(true, "fine, and take the early one"));
    }
  }

  private static void answerForYou(PerdureClient client, String instanceId, Person you) {
    try {
      if (awaitStatus(client, instanceId, waitingFor("you"))) {
        you.ask("Approve the expense? You have 30 seconds. [y/n] ")
            .ifPresent(
                approved ->
                    answer(client, instanceId, "you", new Answer(approved, "said at the console")));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(
      PerdureClient client, String instanceId, String person, Answer answer) {
    try {
      client.raiseEvent(instanceId, event(person), answer);
    } catch (InvalidInstanceStateException e) {
      // too late: it has been decided
    }
  }

  /** Waits for a custom status. Returns false if the instance ends without it. */
  private static boolean awaitStatus(PerdureClient client, String instanceId, String wanted)
      throws InterruptedException {
    while (true) {
      OrchestrationMetadata now = client.status(instanceId).orElseThrow();
      if (now.isTerminal()) {
        return false;
      }
      if (wanted.equals(now.customStatus(String.class))) {
        return true;
      }
      Thread.sleep(LOOK_EVERY);
    }
  }

  private static String waitingFor(String person) {
    return "waiting for " + person;
  }

  private static String event(String person) {
    return "answer from " + person;
  }
}
