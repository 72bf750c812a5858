package dev.perdure.simulation;

import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.StartOptions;
import dev.perdure.api.StartOptions.IdReusePolicy;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Somebody who asks for random things. */
final class Client {
  /** What is said of one that waits for nothing but its own next step. */
  private static final Pattern UNDER_WAY =
      Pattern.compile(
          "is running a step|is about to run|has had its step|waits to be handed out"
              + "|waits for a worker");

  private final int number;
  private final Scene scene;
  private final Random random;
  private final Report report;
  private final Requester hub;
  private final Promises promises;
  private final Manager manager;
  private final Errands errands;
  private int started;

  Client(int number, Scene scene) {
    this.number = number;
    this.scene = scene;
    this.random = scene.random();
    this.report = scene.report();
    this.hub = scene.hub();
    this.promises = scene.promises();
    this.manager = new Manager(hub, promises, report);
    this.errands = new Errands(scene, this::newId);
  }

  /** Asks for one thing after the other. */
  void live(BooleanSupplier goesOn) {
    while (goesOn.getAsBoolean()) {
      scene.pauseUpTo(60);
      act();
    }
  }

  private void act() {
    int n = random.nextInt(100);
    String some = promises.someId();
    switch (random.nextInt(46)) {
      case 0, 1 -> start("sequence", n);
      case 2 -> start("fan", n);
      case 3 -> start("sleepy", n);
      case 4 -> start("patient", n);
      case 5 -> start("parent", n);
      case 6 -> start("stubborn", n);
      case 7 -> start("countdown", n % 9);
      case 8, 9 -> startCounting();
      case 10, 11, 12 -> startTransfer("transfer");
      case 13 -> startTransfer("impatient");
      case 14 -> startTransfer("accompanied");
      case 15, 16, 36 -> addToCounter();
      case 17 -> manager.raise(some);
      case 18 -> manager.suspend(some);
      case 19 -> manager.resume(some);
      case 20 -> manager.terminate(some);
      case 21 -> manager.look(some);
      case 22 -> list();
      case 23 -> explain(some);
      case 24 -> await(some);
      case 25 -> startLater(n);
      case 26 -> start(newId("herald"), "herald", some, "told", StartOptions.DEFAULT);
      case 27 -> start("fetch", n);
      case 28 -> startEdition(n);
      case 29 -> startInsistent(n % 3);
      case 30 -> startMailbox();
      case 31, 32, 33, 34 -> write();
      case 35 -> replay(some);
      case 37 -> errands.getRewound();
      case 38 -> errands.purge(n);
      case 39 -> errands.replace(n);
      case 40 -> errands.restart(n);
      case 41 -> errands.tag(n % 2);
      case 42 -> errands.wipe();
      case 43 -> errands.endFamily();
      case 44 -> errands.purgeTerminated();
      default -> seldom();
    }
  }

  /** What takes long. */
  private void seldom() {
    switch (random.nextInt(4)) {
      case 0 -> errands.getRequeued();
      case 1 -> errands.regret();
      case 2 -> errands.cleanEntityStorage();
      default -> hub.audit();
    }
  }

  private String newId(String name) {
    return name + "-" + number + "-" + started++;
  }

  // ---- starting -----------------------------------------------------------------------------

  private void start(String name, int n) {
    start(newId(name), name, n, Functions.output(name, n), StartOptions.DEFAULT);
  }

  private void start(
      String id, String name, Object input, @Nullable Object output, StartOptions options) {
    boolean remote = scene.isRemoteNow(name);
    String function = remote ? RemoteFunctions.remote(name) : name;
    Promise promise = new Promise(id, name, input, output, remote);
    scene.teller().accept("start " + id);
    promises.add(promise);
    StartOptions once = options.withInstanceId(id).withIdReuse(IdReusePolicy.IGNORE);
    hub.persistently(client -> client.startNew(function, input, once));
    promise.acknowledged = true;
    scene.teller().accept("acknowledged " + id);
  }

  private void startLater(int n) {
    String id = newId("sequence");
    StartOptions later = StartOptions.DEFAULT.withScheduledStart(scene.someTime());
    start(id, "sequence", n, Functions.output("sequence", n), later);
    report.used(Feature.SCHEDULED_START);
  }

  private void startEdition(int n) {
    String version = random.nextBoolean() ? Integer.toString(1 + random.nextInt(3)) : null;
    StartOptions options =
        version == null ? StartOptions.DEFAULT : StartOptions.DEFAULT.withVersion(version);
    start(newId("edition"), "edition", n, Functions.editionOutput(version, n), options);
  }

  private void startInsistent(int times) {
    String id = newId("insistent");
    start(
        id,
        "insistent",
        new Functions.Fall(id, times),
        Functions.insistentOutput(times),
        StartOptions.DEFAULT);
  }

  private void startCounting() {
    String id = newId("counting");
    int calls = random.nextInt(4);
    int signals = random.nextInt(4);
    start(
        id,
        "counting",
        new Functions.Counting(id, random.nextInt(100), calls, signals),
        calls + signals,
        StartOptions.DEFAULT);
  }

  private void startTransfer(String name) {
    String id = newId(name);
    int from = random.nextInt(Functions.ACCOUNTS);
    int to = (from + 1 + random.nextInt(Functions.ACCOUNTS - 1)) % Functions.ACCOUNTS;
    start(
        id,
        name,
        new Functions.Transfer(id, from, to, 1 + random.nextInt(40)),
        null,
        StartOptions.DEFAULT);
  }

  private void startMailbox() {
    String id = newId("mailbox");
    promises.add(id, new Mailbox());
    start(id, "mailbox", new Functions.Letters(List.of()), null, StartOptions.DEFAULT);
  }

  // ---- others' orchestrations and entities --------------------------------------------------

  private void write() {
    String id = promises.someMailbox();
    if (id != null) {
      if (random.nextInt(12) == 0) {
        manager.close(id);
      } else {
        manager.write(id);
      }
    }
  }

  private void addToCounter() {
    String key = newId("client");
    promises.adding(key);
    boolean later = random.nextInt(3) == 0;
    Instant at = later ? scene.someTime() : null;
    // Once only: whether it was done is not known if there is no answer.
    if (hub.once(client -> client.signalEntity(Functions.counter(key.length()), "add", key, at))) {
      promises.added(key);
    }
  }

  private void list() {
    List<String> before = promises.acknowledged();
    Set<String> listed = new HashSet<>();
    for (OrchestrationMetadata status : hub.instances(InstanceQuery.ALL)) {
      listed.add(status.instanceId());
    }
    List<String> still = promises.acknowledged(); // some may have been purged meanwhile
    for (String id : before) {
      report.check(
          "lists show all that was acknowledged",
          listed.contains(id) || !still.contains(id),
          id + " is missing");
    }
  }

  private void explain(String id) {
    boolean acknowledged = promises.isAcknowledged(id);
    try {
      var explanation = hub.persistently(client -> client.explain(id));
      boolean awake =
          explanation.status().isTerminal()
              || explanation.status() == OrchestrationStatus.SUSPENDED
              || explanation.problem() != null
              || !explanation.waits().isEmpty()
              || UNDER_WAY.matcher(explanation.summary()).find();
      report.check("always awake", awake, explanation.toString());
    } catch (InstanceNotFoundException e) {
      promises.missed(id, acknowledged);
    }
  }

  private void replay(String id) {
    scene.replays().check(id);
  }

  private void await(String id) {
    boolean acknowledged = promises.isAcknowledged(id);
    try {
      promises.seen(hub.awaitEnd(id));
    } catch (InstanceNotFoundException e) {
      promises.missed(id, acknowledged);
    }
  }
}
