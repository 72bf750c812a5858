package dev.perdure.simulation;

import com.google.protobuf.StringValue;
import dev.perdure.api.Payload;
import dev.perdure.grpc.protocol.EntityBatchResult;
import dev.perdure.grpc.protocol.EntityRequest;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OperationAction;
import dev.perdure.grpc.protocol.OperationResult;
import dev.perdure.grpc.protocol.OperationResultFailure;
import dev.perdure.grpc.protocol.OperationResultSuccess;
import dev.perdure.grpc.protocol.SendSignalAction;
import dev.perdure.grpc.protocol.StartNewOrchestrationAction;
import dev.perdure.grpc.protocol.TaskFailureDetails;
import dev.perdure.simulation.Functions.Counting;
import dev.perdure.simulation.Functions.Counts;
import dev.perdure.simulation.Functions.Letters;
import dev.perdure.simulation.Functions.Pair;
import dev.perdure.simulation.Functions.Transfer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The code that remote workers run: some of the {@link Functions} once more, as a program elsewhere
 * would have them. Orchestrations call activities, children and entities of either side.
 */
final class RemoteFunctions {
  private static final String PREFIX = "remote-";

  /** An activity that remote workers have. */
  static final String ADD = PREFIX + "add";

  /** An entity that remote workers have, the counter of a number. */
  static final String COUNTER = PREFIX + "counter";

  private static final Map<String, Function<RemoteContext, Object>> ORCHESTRATORS =
      Map.ofEntries(
          Map.entry("sequence", RemoteFunctions::sequence),
          Map.entry("fan", RemoteFunctions::fan),
          Map.entry("sleepy", RemoteFunctions::sleepy),
          Map.entry("patient", RemoteFunctions::patient),
          Map.entry("parent", RemoteFunctions::parent),
          Map.entry("countdown", RemoteFunctions::countdown),
          Map.entry("mailbox", RemoteFunctions::mailbox),
          Map.entry("herald", RemoteFunctions::herald),
          Map.entry("counting", RemoteFunctions::counting),
          Map.entry("transfer", RemoteFunctions::transfer),
          Map.entry("impatient", RemoteFunctions::impatient),
          Map.entry("guarded", RemoteFunctions::guarded));

  private RemoteFunctions() {}

  /** Whether remote workers have an orchestrator that does the same. */
  static boolean have(String orchestrator) {
    return ORCHESTRATORS.containsKey(orchestrator);
  }

  /** The name of the one that remote workers have. */
  static String remote(String orchestrator) {
    return PREFIX + orchestrator;
  }

  static boolean isRemote(String function) {
    return function.startsWith(PREFIX);
  }

  static String json(Object value) {
    return Objects.requireNonNull(SimulatedHost.CONVERTER.toPayload(value)).text();
  }

  private static <T> T read(String json, Class<T> type) {
    return Objects.requireNonNull(
        type.cast(SimulatedHost.CONVERTER.fromPayload(Payload.of(json), type)));
  }

  /** Runs the code of an orchestration; what it returns, as JSON. */
  static String run(RemoteContext ctx) {
    Function<RemoteContext, Object> code = ORCHESTRATORS.get(ctx.name().substring(PREFIX.length()));
    return json(Objects.requireNonNull(code).apply(ctx));
  }

  /** Runs an activity; its result, as JSON. */
  static String activity(String argument) {
    Pair pair = read(argument, Pair.class);
    return Integer.toString(pair.a() + pair.b());
  }

  // ---- orchestrations ---------------------------------------------------------------------------

  private static int add(RemoteContext ctx, int a, int b) {
    return ctx.activity(b % 2 == 0 ? "add" : ADD, json(new Pair(a, b)));
  }

  private static int number(RemoteContext ctx) {
    return Integer.parseInt(ctx.input());
  }

  private static Object sequence(RemoteContext ctx) {
    int sum = 0;
    for (int i = 0; i < number(ctx) % 7 + 1; i++) {
      sum = Integer.parseInt(ctx.await(add(ctx, sum, i)));
    }
    return sum;
  }

  private static Object fan(RemoteContext ctx) {
    List<Integer> tasks = new ArrayList<>();
    for (int i = 0; i < number(ctx) % 20; i++) {
      tasks.add(ctx.activity(i % 3 == 0 ? "add" : ADD, json(new Pair(i, 1))));
    }
    int sum = 0;
    for (int task : tasks) {
      sum += Integer.parseInt(ctx.await(task));
    }
    return sum;
  }

  private static Object sleepy(RemoteContext ctx) {
    int n = number(ctx);
    ctx.await(ctx.timer(Duration.ofMillis(n * 37L)));
    var never = ctx.timer(Duration.ofDays(300));
    int quick = add(ctx, n, 1);
    if (ctx.isDone(never)) {
      throw new IllegalStateException("A timer of 300 days has fired");
    }
    return Integer.parseInt(ctx.await(quick));
  }

  private static Object patient(RemoteContext ctx) {
    for (int i = 0; i < number(ctx) % 4 + 1; i++) {
      var unused = ctx.awaitEvent(Functions.EVENT, ctx.timer(Duration.ofMinutes(10)));
    }
    return number(ctx);
  }

  private static Object parent(RemoteContext ctx) {
    int n = number(ctx);
    List<Integer> children = new ArrayList<>();
    for (int i = 0; i < n % 4 + 1; i++) {
      children.add(
          ctx.child(i % 2 == 0 ? "sequence" : remote("sequence"), Integer.toString(n + i)));
    }
    int sum = 0;
    for (int child : children) {
      sum += Integer.parseInt(ctx.await(child));
    }
    return sum;
  }

  private static Object countdown(RemoteContext ctx) {
    if (number(ctx) == 0) {
      return "lift-off";
    }
    throw new RemoteContext.ContinuesAsNew(ctx.await(add(ctx, number(ctx), -1)));
  }

  private static Object mailbox(RemoteContext ctx) {
    List<String> got = new ArrayList<>(read(ctx.input(), Letters.class).got());
    for (int i = 0; i < Functions.LETTERS_AT_ONCE; i++) {
      String letter = read(ctx.awaitEvent(Functions.LETTER), String.class);
      if (letter.equals(Functions.LAST)) {
        return String.join(",", got);
      }
      got.add(letter);
    }
    throw new RemoteContext.ContinuesAsNew(json(new Letters(got)));
  }

  private static Object counting(RemoteContext ctx) {
    Counting c = read(ctx.input(), Counting.class);
    for (int i = 0; i < c.calls(); i++) {
      String counter = Functions.counter(c.first() + i).instanceId();
      ctx.await(ctx.call(counter, "add", json(c.key() + "/call/" + i)));
      try {
        ctx.await(ctx.call(counter, "fail", json(c.key() + "/never/" + i)));
        throw new IllegalStateException("An operation that throws did not fail");
      } catch (RemoteContext.Failed e) {
        // as it should
      }
    }
    for (int i = 0; i < c.signals(); i++) {
      ctx.signal(
          Functions.counter(c.first() + i).instanceId(),
          "relay",
          json(c.key() + "/signal/" + i),
          i % 2 == 0 ? null : Duration.ofMillis(40L * i));
    }
    return c.calls() + c.signals();
  }

  private static String instanceId(int account) {
    return Functions.account(account).instanceId();
  }

  private static List<String> accounts(Transfer t) {
    return Stream.of(instanceId(t.from()), instanceId(t.to())).sorted().toList();
  }

  /** In a critical section that follows another one. */
  private static Object transfer(RemoteContext ctx) {
    Transfer t = read(ctx.input(), Transfer.class);
    List<String> one = List.of(instanceId(t.to()));
    int first = ctx.lock(one);
    ctx.await(first);
    ctx.await(ctx.call(one.getFirst(), "balance", "null"));
    ctx.unlock(first, one);
    int second = ctx.lock(accounts(t));
    ctx.await(second);
    String outcome = move(ctx, t);
    ctx.unlock(second, accounts(t));
    return outcome;
  }

  private static String move(RemoteContext ctx, Transfer t) {
    String from = instanceId(t.from());
    if (Long.parseLong(ctx.await(ctx.call(from, "balance", "null"))) < t.amount()) {
      return "refused";
    }
    ctx.await(ctx.call(from, "withdraw", ctx.input()));
    ctx.await(ctx.call(instanceId(t.to()), "deposit", ctx.input()));
    return "done";
  }

  /** Does not wait for ever, and leaves critical sections by ending its executions. */
  private static Object impatient(RemoteContext ctx) {
    Transfer t = read(ctx.input(), Transfer.class);
    int lock = ctx.lock(accounts(t));
    if (ctx.awaitFirst(lock, ctx.timer(Duration.ofMillis(30))) != lock) {
      return "gave up";
    }
    String outcome = move(ctx, t);
    if (outcome.equals("done") && t.amount() > 3) {
      throw new RemoteContext.ContinuesAsNew(
          json(new Transfer(t.key() + "'", t.to(), t.from(), t.amount() / 2)));
    }
    return outcome;
  }

  /** Tells somebody, who may be there or not. */
  private static Object herald(RemoteContext ctx) {
    String to = read(ctx.input(), String.class);
    ctx.send(to, Functions.EVENT, json("from " + ctx.instanceId()));
    ctx.await(add(ctx, 1, 1));
    ctx.send(to, Functions.EVENT, json("again"));
    return "told";
  }

  /** Fails without a permit, and is rewound by whoever gets one. */
  private static Object guarded(RemoteContext ctx) {
    ctx.await(add(ctx, 1, 2));
    int passed =
        Integer.parseInt(ctx.await(ctx.call(Functions.GATE.instanceId(), "pass", ctx.input())));
    ctx.await(add(ctx, 3, 5));
    return passed;
  }

  // ---- entities ---------------------------------------------------------------------------------

  /** Runs operations of a counter. */
  static EntityBatchResult.Builder operations(EntityRequest request) {
    Counts counts =
        request.hasEntityState()
            ? read(request.getEntityState().getValue(), Counts.class)
            : new Counts();
    EntityBatchResult.Builder answer = EntityBatchResult.newBuilder();
    for (HistoryEvent event : request.getOperationRequestsList()) {
      boolean call = event.hasEntityOperationCalled();
      String operation =
          call
              ? event.getEntityOperationCalled().getOperation()
              : event.getEntityOperationSignaled().getOperation();
      String key =
          read(
              (call
                      ? event.getEntityOperationCalled().getInput()
                      : event.getEntityOperationSignaled().getInput())
                  .getValue(),
              String.class);
      if (operation.equals("fail")) {
        answer.addResults(
            OperationResult.newBuilder()
                .setFailure(
                    OperationResultFailure.newBuilder()
                        .setFailureDetails(
                            TaskFailureDetails.newBuilder()
                                .setErrorType("AsAsked")
                                .setErrorMessage("as asked"))));
        continue;
      }
      counts.times.merge(key, 1, Integer::sum);
      if (operation.equals("relay")) {
        answer
            .addActions(
                OperationAction.newBuilder()
                    .setSendSignal(
                        SendSignalAction.newBuilder()
                            .setInstanceId(Functions.counter(key.length()).instanceId())
                            .setName("add")
                            .setInput(StringValue.of(json(key + "/relayed")))))
            .addActions(
                OperationAction.newBuilder()
                    .setStartNewOrchestration(
                        StartNewOrchestrationAction.newBuilder()
                            .setInstanceId("leaf-" + key)
                            .setName("leaf")));
      }
      answer.addResults(
          OperationResult.newBuilder()
              .setSuccess(
                  OperationResultSuccess.newBuilder()
                      .setResult(StringValue.of(Integer.toString(counts.times.size())))));
    }
    return answer.setEntityState(StringValue.of(json(counts)));
  }
}
