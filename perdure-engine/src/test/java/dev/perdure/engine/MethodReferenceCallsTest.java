package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.Activity;
import dev.perdure.api.ActivityContext;
import dev.perdure.api.FunctionRef;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TypeRef;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every shape that a function's method may have, referred to. That it compiles is half the test.
 */
class MethodReferenceCallsTest extends Scenarios {
  private static final TaskOptions ONCE = TaskOptions.NONE;
  private static final StartOptions NOW = StartOptions.DEFAULT;

  /** Activities of every shape. */
  public static class Work {
    @Activity
    String act(String in) {
      return "act " + in;
    }

    @Activity
    void voidAct(String in) {}

    @Activity
    int noInput() {
      return 1;
    }

    @Activity
    void voidNoInput() {}

    @Activity
    String context(ActivityContext ctx, String in) {
      return ctx.name() + " " + in;
    }

    @Activity
    void voidContext(ActivityContext ctx, String in) {}

    @Activity
    String contextOnly(ActivityContext ctx) {
      return ctx.name();
    }

    @Activity
    void voidContextOnly(ActivityContext ctx) {}

    @Activity
    static String fixed(String in) {
      return "fixed " + in;
    }

    @Activity
    static void voidFixed(String in) {}

    @Activity
    static int fixedNoInput() {
      return 2;
    }

    @Activity
    static void voidFixedNoInput() {}

    @Activity
    static String fixedContext(ActivityContext ctx, String in) {
      return ctx.name() + " " + in;
    }

    @Activity
    static void voidFixedContext(ActivityContext ctx, String in) {}

    @Activity
    static String fixedContextOnly(ActivityContext ctx) {
      return ctx.name();
    }

    @Activity
    static void voidFixedContextOnly(ActivityContext ctx) {}

    @Activity
    void missesAKind(Object in) {}

    @Activity
    List<Integer> listed(List<Integer> in) {
      return in;
    }

    @Orchestrator
    List<Object> byClass(OrchestrationContext ctx) {
      List<Object> results = new ArrayList<>();
      String act = ctx.call(Work::act, "x").await();
      int noInput = ctx.call(Work::noInput).await();
      String context = ctx.call(Work::context, "x").await();
      String contextOnly = ctx.call(Work::contextOnly).await();
      String fixed = ctx.call(Work::fixed, "x").await();
      int fixedNoInput = ctx.call(Work::fixedNoInput).await();
      String fixedContext = ctx.call(Work::fixedContext, "x").await();
      String fixedContextOnly = ctx.call(Work::fixedContextOnly).await();
      List<Integer> listed = ctx.call(Work::listed, List.of(1, 2)).await();
      results.addAll(List.of(act, noInput, context, contextOnly));
      results.addAll(List.of(fixed, fixedNoInput, fixedContext, fixedContextOnly, listed));
      results.add(ctx.call(Work::voidAct, "x").await());
      results.add(ctx.call(Work::voidNoInput).await());
      results.add(ctx.call(Work::voidContext, "x").await());
      results.add(ctx.call(Work::voidContextOnly).await());
      results.add(ctx.call(Work::voidFixed, "x").await());
      results.add(ctx.call(Work::voidFixedNoInput).await());
      results.add(ctx.call(Work::voidFixedContext, "x").await());
      results.add(ctx.call(Work::voidFixedContextOnly).await());
      return results;
    }

    @Orchestrator
    List<Object> byClassWithOptions(OrchestrationContext ctx) {
      List<Object> results = new ArrayList<>();
      String act = ctx.call(Work::act, "x", ONCE).await();
      int noInput = ctx.call(Work::noInput, ONCE).await();
      String context = ctx.call(Work::context, "x", ONCE).await();
      String contextOnly = ctx.call(Work::contextOnly, ONCE).await();
      String fixed = ctx.call(Work::fixed, "x", ONCE).await();
      int fixedNoInput = ctx.call(Work::fixedNoInput, ONCE).await();
      String fixedContext = ctx.call(Work::fixedContext, "x", ONCE).await();
      String fixedContextOnly = ctx.call(Work::fixedContextOnly, ONCE).await();
      List<Integer> listed = ctx.call(Work::listed, List.of(1, 2), ONCE).await();
      results.addAll(List.of(act, noInput, context, contextOnly));
      results.addAll(List.of(fixed, fixedNoInput, fixedContext, fixedContextOnly, listed));
      results.add(ctx.call(Work::voidAct, "x", ONCE).await());
      results.add(ctx.call(Work::voidNoInput, ONCE).await());
      results.add(ctx.call(Work::voidContext, "x", ONCE).await());
      results.add(ctx.call(Work::voidContextOnly, ONCE).await());
      results.add(ctx.call(Work::voidFixed, "x", ONCE).await());
      results.add(ctx.call(Work::voidFixedNoInput, ONCE).await());
      results.add(ctx.call(Work::voidFixedContext, "x", ONCE).await());
      results.add(ctx.call(Work::voidFixedContextOnly, ONCE).await());
      return results;
    }

    @Orchestrator
    List<Object> bound(OrchestrationContext ctx) {
      List<Object> results = new ArrayList<>();
      String act = ctx.call(this::act, "x").await();
      int noInput = ctx.call(this::noInput).await();
      String context = ctx.call(this::context, "x").await();
      String contextOnly = ctx.call(this::contextOnly, ONCE).await();
      results.addAll(List.of(act, noInput, context, contextOnly));
      results.add(ctx.call(this::voidAct, "x").await());
      results.add(ctx.call(this::voidNoInput, ONCE).await());
      results.add(ctx.call(this::voidContext, "x", ONCE).await());
      results.add(ctx.call(this::voidContextOnly).await());
      return results;
    }
  }

  private static final List<Object> RESULTS =
      List.of(
          "act x",
          1,
          "context x",
          "contextOnly",
          "fixed x",
          2,
          "fixedContext x",
          "fixedContextOnly",
          List.of(1, 2));

  private List<Object> outputs(TestHub hub, String id) {
    assertThat(hub.output(id, Object.class)).isNotNull();
    return hub.status(id).output(new TypeRef<List<Object>>() {});
  }

  @Test
  void activitiesOfEveryShape() {
    TestHub hub = hub(f -> f.register(new Work()));

    for (String id :
        List.of(
            hub.client().startNew(Work::byClass),
            hub.client().startNew(Work::byClassWithOptions))) {
      List<Object> all = outputs(hub, id);
      assertThat(all.subList(0, RESULTS.size())).isEqualTo(RESULTS);
      assertThat(all.subList(RESULTS.size(), all.size())).hasSize(8).containsOnlyNulls();
    }
    assertThat(outputs(hub, hub.client().startNew(Work::bound)))
        .containsExactly("act x", 1, "context x", "contextOnly", null, null, null, null);
  }

  /** Orchestrators of every shape. */
  public static class Plans {
    @Orchestrator
    String plan(OrchestrationContext ctx, String in) {
      return "plan " + in;
    }

    @Orchestrator
    String noInput(OrchestrationContext ctx) {
      return "noInput";
    }

    @Orchestrator
    void voidPlan(OrchestrationContext ctx, String in) {}

    @Orchestrator
    void voidNoInput(OrchestrationContext ctx) {}

    @Orchestrator
    static String fixed(OrchestrationContext ctx, String in) {
      return "fixed " + in;
    }

    @Orchestrator
    static String fixedNoInput(OrchestrationContext ctx) {
      return "fixedNoInput";
    }

    @Orchestrator
    static void voidFixed(OrchestrationContext ctx, int in) {}

    @Orchestrator
    static void voidFixedNoInput(OrchestrationContext ctx) {}

    @Orchestrator
    List<Object> all(OrchestrationContext ctx) {
      List<Object> results = new ArrayList<>();
      String plan = ctx.callSubOrchestrator(Plans::plan, "x").await();
      String noInput = ctx.callSubOrchestrator(Plans::noInput).await();
      String fixed = ctx.callSubOrchestrator(Plans::fixed, "x").await();
      String fixedNoInput = ctx.callSubOrchestrator(Plans::fixedNoInput).await();
      results.addAll(List.of(plan, noInput, fixed, fixedNoInput));
      results.add(ctx.callSubOrchestrator(Plans::plan, "y", ONCE).await());
      results.add(ctx.callSubOrchestrator(Plans::noInput, ONCE).await());
      results.add(ctx.callSubOrchestrator(Plans::fixed, "y", ONCE).await());
      results.add(ctx.callSubOrchestrator(Plans::fixedNoInput, ONCE).await());
      results.add(ctx.callSubOrchestrator(this::plan, "z").await());
      results.add(ctx.callSubOrchestrator(this::noInput).await());
      return results;
    }

    @Orchestrator
    List<Object> allVoid(OrchestrationContext ctx) {
      List<Object> results = new ArrayList<>();
      results.add(ctx.callSubOrchestrator(Plans::voidPlan, "x").await());
      results.add(ctx.callSubOrchestrator(Plans::voidNoInput).await());
      results.add(ctx.callSubOrchestrator(Plans::voidFixed, 1).await());
      results.add(ctx.callSubOrchestrator(Plans::voidFixedNoInput).await());
      results.add(ctx.callSubOrchestrator(Plans::voidPlan, "x", ONCE).await());
      results.add(ctx.callSubOrchestrator(Plans::voidNoInput, ONCE).await());
      results.add(ctx.callSubOrchestrator(Plans::voidFixed, 1, ONCE).await());
      results.add(ctx.callSubOrchestrator(Plans::voidFixedNoInput, ONCE).await());
      results.add(ctx.callSubOrchestrator(this::voidPlan, "x").await());
      results.add(ctx.callSubOrchestrator(this::voidNoInput).await());
      return results;
    }
  }

  @Test
  void subOrchestrationsOfEveryShape() {
    TestHub hub = hub(f -> f.register(new Plans()));

    assertThat(outputs(hub, hub.client().startNew(Plans::all)))
        .containsExactly(
            "plan x",
            "noInput",
            "fixed x",
            "fixedNoInput",
            "plan y",
            "noInput",
            "fixed y",
            "fixedNoInput",
            "plan z",
            "noInput");
    assertThat(outputs(hub, hub.client().startNew(Plans::allVoid))).hasSize(10).containsOnlyNulls();
  }

  @Test
  void startsOfEveryShape() {
    Plans plans = new Plans();
    TestHub hub = hub(f -> f.register(plans));
    var client = hub.client();

    assertThat(hub.output(client.startNew(Plans::plan, "x"), String.class)).isEqualTo("plan x");
    assertThat(hub.output(client.startNew(plans::plan, "x"), String.class)).isEqualTo("plan x");
    assertThat(hub.output(client.startNew(Plans::plan, "x", StartOptions.id("p")), String.class))
        .isEqualTo("plan x");
    assertThat(hub.status("p").name()).isEqualTo("plan");
    assertThat(hub.output(client.startNew(Plans::noInput, StartOptions.id("n")), String.class))
        .isEqualTo("noInput");
    assertThat(hub.status("n").serializedInput()).isNull();
    assertThat(hub.output(client.startNew(plans::noInput), String.class)).isEqualTo("noInput");
    assertThat(hub.output(client.startNew(Plans::fixed, "x", NOW), String.class))
        .isEqualTo("fixed x");
    assertThat(hub.output(client.startNew(Plans::fixed, "x"), String.class)).isEqualTo("fixed x");
    assertThat(hub.output(client.startNew(Plans::fixedNoInput), String.class))
        .isEqualTo("fixedNoInput");
    assertThat(hub.output(client.startNew(Plans::fixedNoInput, NOW), String.class))
        .isEqualTo("fixedNoInput");
    for (String id :
        List.of(
            client.startNew(Plans::voidPlan, "x"),
            client.startNew(Plans::voidPlan, "x", NOW),
            client.startNew(Plans::voidNoInput),
            client.startNew(Plans::voidNoInput, NOW),
            client.startNew(Plans::voidFixed, 1),
            client.startNew(Plans::voidFixed, 1, NOW),
            client.startNew(Plans::voidFixedNoInput),
            client.startNew(Plans::voidFixedNoInput, NOW))) {
      assertThat(hub.output(id, Object.class)).isNull();
    }
  }

  @Test
  void anActivityIsNotStarted() {
    TestHub hub = hub(f -> f.register(new Work()));
    FunctionRef.VoidBoundOrchestratorWithoutInput activity = new Work()::missesAKind;

    assertThatThrownBy(() -> hub.client().startNew(activity))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("missesAKind", "an activity", "Use call");
  }

  /** Two versions of one orchestrator. */
  public static class Versions {
    @Orchestrator(name = "order", version = "1")
    String first(OrchestrationContext ctx) {
      return "first " + ctx.version();
    }

    @Orchestrator(name = "order", version = "2")
    String second(OrchestrationContext ctx) {
      return "second " + ctx.version();
    }

    @Orchestrator
    String parent(OrchestrationContext ctx) {
      return ctx.callSubOrchestrator(Versions::second).await()
          + ", "
          + ctx.callSubOrchestrator(Versions::second, ONCE.withVersion("1")).await();
    }
  }

  @Test
  void theMethodsVersionIsMeantUnlessTheOptionsHaveOne() {
    TestHub hub = hub(f -> f.register(new Versions()));

    assertThat(hub.output(hub.client().startNew(Versions::second), String.class))
        .isEqualTo("second 2");
    assertThat(
            hub.output(hub.client().startNew(Versions::second, NOW.withVersion("1")), String.class))
        .isEqualTo("first 1");
    assertThat(hub.output(hub.client().startNew(Versions::parent), String.class))
        .isEqualTo("second 2, first 1");
  }
}
