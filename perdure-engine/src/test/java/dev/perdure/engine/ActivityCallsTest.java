package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Activity;
import dev.perdure.api.ActivityContext;
import dev.perdure.api.DataConversionException;
import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TypeRef;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ActivityCallsTest extends Scenarios {

  record Line(String article, int count, BigDecimal price) {}

  record Order(String customer, LocalDate day, List<Line> lines) {}

  static final Order ORDER =
      new Order(
          "Ada",
          LocalDate.of(2030, 2, 28),
          List.of(new Line("pen", 3, new BigDecimal("1.50")), new Line("ink", 1, BigDecimal.TEN)));

  /** Functions as users write them. */
  public static class Cities {
    final List<String> visited = new ArrayList<>();

    @Orchestrator
    public String helloCities(OrchestrationContext ctx) {
      String a = ctx.callActivity("sayHello", "Tokyo", String.class).await();
      String b = ctx.call(Cities::sayHello, "London").await();
      return a + ", " + b;
    }

    @Activity
    public String sayHello(String city) {
      return "Hello " + city;
    }

    @Orchestrator
    public List<Object> everyKindOfReference(OrchestrationContext ctx) {
      List<Object> results = new ArrayList<>();
      results.add(ctx.call(Cities::sayHello, "Rome").await());
      results.add(ctx.call(Cities::visit, "Paris").await());
      results.add(ctx.call(Cities::count).await());
      results.add(ctx.call(Cities::nameOf, 7).await());
      results.add(ctx.call(Cities::twice, 21).await());
      results.add(ctx.call(this::sayHello, "Oslo").await());
      return results;
    }

    @Activity
    public synchronized void visit(String city) {
      visited.add(city);
    }

    @Activity(name = "visits")
    public synchronized int count() {
      return visited.size();
    }

    @Activity
    public String nameOf(ActivityContext ctx, int number) {
      return ctx.name() + number;
    }

    @Activity
    public static int twice(int number) {
      return 2 * number;
    }
  }

  @Test
  void anOrchestratorIsPlainJavaThatCallsActivitiesByNameOrByReference() {
    TestHub hub = hub(f -> f.register(new Cities()));

    String id = hub.client().startNew("helloCities");

    assertThat(hub.output(id, String.class)).isEqualTo("Hello Tokyo, Hello London");
  }

  @Test
  void activitiesMayBeReferredToHoweverTheirMethodsAreWritten() {
    TestHub hub = hub(f -> f.register(new Cities()));

    String id = hub.client().startNew(Cities::everyKindOfReference);

    assertThat(hub.end(id).output(new TypeRef<List<Object>>() {}))
        .containsExactly("Hello Rome", null, 1, "nameOf7", 42, "Hello Oslo");
  }

  @Test
  void recordsWithDatesAndDecimalsGoInAndComeOutAsTheyAre() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "bill",
                        Order.class,
                        (ctx, order) -> ctx.callActivity("check", order, Order.class).await())
                    .activity("check", Order.class, order -> order));

    assertThat(hub.run("bill", ORDER, Order.class)).isEqualTo(ORDER);
  }

  @Test
  void genericResultsAreReadWithTheirTypeArguments() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "sum",
                        ctx -> {
                          Map<String, List<Line>> lines =
                              ctx.callActivity(
                                      "lines", "Ada", new TypeRef<Map<String, List<Line>>>() {})
                                  .await();
                          return lines.get("Ada").getFirst().count()
                              + lines.get("Ada").getLast().count();
                        })
                    .activity("lines", String.class, customer -> Map.of(customer, ORDER.lines())));

    assertThat(hub.run("sum", null, Integer.class)).isEqualTo(4);
  }

  @Test
  void bytesGoInAndComeOutUnchanged() {
    byte[] bytes = new byte[512];
    IntStream.range(0, bytes.length).forEach(i -> bytes[i] = (byte) i);
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "copy",
                        byte[].class,
                        (ctx, all) -> ctx.callActivity("copy", all, byte[].class).await())
                    .activity("copy", byte[].class, all -> all.clone()));

    assertThat(hub.run("copy", bytes, byte[].class)).isEqualTo(bytes);
  }

  @Test
  void nullIsAValueLikeAnyOther() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "nulls",
                        String.class,
                        (ctx, input) -> {
                          String answer = ctx.callActivity("isNull", input, String.class).await();
                          assertThat(ctx.callActivity("giveNull", "x", Order.class).await())
                              .isNull();
                          assertThat(ctx.callActivity("giveNull").await()).isNull();
                          assertThat(ctx.input(String.class)).isNull();
                          return answer;
                        })
                    .activity("isNull", String.class, input -> "" + (input == null))
                    .activity("giveNull", String.class, input -> null));

    String id = hub.client().startNew("nulls", null);

    assertThat(hub.output(id, String.class)).isEqualTo("true");
    assertThat(hub.history(id, TaskScheduled.class))
        .allMatch(e -> e.taskId() > 0 == (e.input() != null) || e.taskId() == 2);
    assertThat(hub.history(id, TaskCompleted.class).get(1).result()).isNull();
  }

  @Test
  void aNullInputForAPrimitiveParameterFailsTheCallAndSaysSo() {
    TestHub hub =
        hub(
            f ->
                f.register(new Cities())
                    .orchestrator(
                        "main", ctx -> ctx.callActivity("twice", null, int.class).await()));

    assertThat(hub.failure(hub.client().startNew("main")).isCausedBy(DataConversionException.class))
        .isTrue();
  }

  @Test
  void primitiveResultTypesAreReadAsSuch() {
    TestHub hub =
        hub(
            f ->
                f.register(new Cities())
                    .orchestrator(
                        "main",
                        ctx -> {
                          int twice = ctx.callActivity("twice", 4, int.class).await();
                          return twice + ctx.callActivity("twice", 1, Integer.class).await();
                        }));

    assertThat(hub.run("main", null, int.class)).isEqualTo(10);
  }

  @Test
  void aResultIsTheSameHoweverOftenItIsAwaited() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          Task<String> hello = ctx.callActivity("hello", null, String.class);
                          String first = hello.await();
                          ctx.createTimer(java.time.Duration.ZERO).await();
                          return first.equals(hello.await()) && hello.isDone() && !hello.isFailed();
                        })
                    .activity("hello", () -> "hello"));

    assertThat(hub.run("main", null, boolean.class)).isTrue();
  }

  @Test
  void callsRunAtTheSameTimeAndAreAwaitedInAnyOrder() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          List<Task<Integer>> squares = new ArrayList<>();
                          for (int i = 0; i < 50; i++) {
                            squares.add(ctx.callActivity("square", i, Integer.class));
                          }
                          List<Integer> results = new ArrayList<>();
                          for (Task<Integer> square : squares.reversed()) {
                            results.addFirst(square.await());
                          }
                          return results;
                        })
                    .activity("square", Integer.class, i -> i * i));

    assertThat(hub.end(hub.client().startNew("main")).output(new TypeRef<List<Integer>>() {}))
        .isEqualTo(IntStream.range(0, 50).mapToObj(i -> i * i).toList());
  }

  @Test
  void anUnknownActivityFailsTheTaskAndNamesWhatMayHaveBeenMeant() {
    TestHub hub =
        hub(
            f ->
                f.register(new Cities())
                    .orchestrator(
                        "main",
                        ctx -> {
                          try {
                            return ctx.callActivity("sayHallo", "x", String.class).await();
                          } catch (TaskFailedException e) {
                            assertThat(e.isCausedBy(FunctionNotFoundException.class)).isTrue();
                            assertThat(e.details().nonRetriable()).isTrue();
                            return e.details().message();
                          }
                        }));

    assertThat(hub.run("main", null, String.class)).contains("sayHallo", "sayHello");
  }

  @Test
  void aResultThatDoesNotFitTheWantedTypeIsAConversionErrorOfTheCaller() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          Task<Order> order = ctx.callActivity("text", null, Order.class);
                          try {
                            order.await();
                            return "read";
                          } catch (DataConversionException e) {
                            return "refused";
                          }
                        })
                    .activity("text", () -> "no order at all"));

    assertThat(hub.run("main", null, String.class)).isEqualTo("refused");
  }

  @Test
  void optionsOfSubOrchestrationsAreRefusedForActivities() {
    TestHub hub =
        hub(
            f ->
                f.register(new Cities())
                    .orchestrator(
                        "main",
                        String.class,
                        (ctx, which) -> {
                          TaskOptions options =
                              switch (which) {
                                case "id" -> TaskOptions.NONE.withInstanceId("x");
                                case "version" -> TaskOptions.NONE.withVersion("2");
                                default -> TaskOptions.NONE.withTags(Map.of("a", "b"));
                              };
                          return ctx.callActivity("sayHello", "x", options, String.class).await();
                        }));

    for (String which : List.of("id", "version", "tags")) {
      assertThat(hub.failure(hub.client().startNew("main", which)).errorType())
          .isEqualTo(IllegalArgumentException.class.getName());
    }
  }

  @Test
  void theHistoryTellsWhatWasCalledWithWhatAndWhatCameOfIt() {
    TestHub hub = hub(f -> f.register(new Cities()));

    String id = hub.client().startNew("helloCities");
    hub.end(id);

    assertThat(hub.history(id, TaskScheduled.class))
        .extracting(TaskScheduled::taskId, TaskScheduled::name, e -> e.input().text())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(0, "sayHello", "\"Tokyo\""),
            org.assertj.core.groups.Tuple.tuple(1, "sayHello", "\"London\""));
    assertThat(hub.history(id, TaskCompleted.class))
        .extracting(e -> e.result().text())
        .containsExactly("\"Hello Tokyo\"", "\"Hello London\"");
    assertThat(hub.history(id)).extracting(e -> e.timestamp()).containsOnly(TestHub.NOON);
  }

  @Test
  void aSpecialValueOfJavaTimeSurvives() {
    Instant then = Instant.parse("1969-07-20T20:17:40.123456789Z");
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        Instant.class,
                        (ctx, t) ->
                            ctx.callActivity("echo", t, new TypeRef<Optional<Instant>>() {})
                                .await()
                                .orElseThrow())
                    .activity("echo", Instant.class, Optional::of));

    assertThat(hub.run("main", then, Instant.class)).isEqualTo(then);
  }
}
