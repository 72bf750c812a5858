package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.InstanceAlreadyExistsException;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TypeRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SubOrchestrationsTest extends Scenarios {

  /** A family of orchestrators. */
  public static class Family {
    @Orchestrator
    public int grandparent(OrchestrationContext ctx, int depth) {
      return 1 + ctx.callSubOrchestrator(Family::parent, depth).await();
    }

    @Orchestrator
    public int parent(OrchestrationContext ctx, int depth) {
      return 10 + ctx.callSubOrchestrator(Family::orphan).await();
    }

    @Orchestrator
    public int orphan(OrchestrationContext ctx) {
      return 100;
    }

    @Orchestrator
    public List<String> names(OrchestrationContext ctx) {
      return List.of("Ada", "Bob");
    }
  }

  @Test
  void anOrchestrationCallsAnotherByReference() {
    TestHub hub = hub(f -> f.register(new Family()));

    String id = hub.client().startNew(Family::grandparent, 3);

    assertThat(hub.output(id, int.class)).isEqualTo(111);
  }

  @Test
  void anOrchestrationCallsAnotherByName() {
    TestHub hub =
        hub(
            f ->
                f.register(new Family())
                    .orchestrator(
                        "main",
                        ctx ->
                            ctx.callSubOrchestrator(
                                        "names",
                                        null,
                                        TaskOptions.NONE,
                                        new TypeRef<List<String>>() {})
                                    .await()
                                    .getLast()
                                + ctx.callSubOrchestrator("parent", 1, Integer.class).await()));

    assertThat(hub.run("main", null, String.class)).isEqualTo("Bob110");
  }

  @Test
  void manyRunAtTheSameTime() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          List<Task<Integer>> tasks = new ArrayList<>();
                          for (int i = 0; i < 100; i++) {
                            tasks.add(ctx.callSubOrchestrator("square", i, Integer.class));
                          }
                          return ctx.allOf(tasks).await().stream().mapToInt(i -> i).sum();
                        })
                    .orchestrator(
                        "square",
                        Integer.class,
                        (ctx, i) -> ctx.callActivity("square", i, Integer.class).await())
                    .activity("square", Integer.class, i -> i * i));

    assertThat(hub.run("main", null, int.class)).isEqualTo(328_350);
  }

  @Test
  void aChildKnowsItsParentAndWhichTaskItCompletes() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          ctx.callActivity("nothing").await();
                          return ctx.callSubOrchestrator("child", null, ParentInstance.class)
                              .await();
                        })
                    .orchestrator("child", ctx -> ctx.parent().orElseThrow())
                    .activity("nothing", () -> null));

    String id = hub.client().startNew("main", null, StartOptions.id("the-parent"));
    ParentInstance parent = hub.output(id, ParentInstance.class);

    assertThat(parent)
        .isEqualTo(new ParentInstance("the-parent", hub.status(id).executionId(), "main", "", 1));
    SubOrchestrationCreated created = hub.history(id, SubOrchestrationCreated.class).getFirst();
    assertThat(hub.status(created.instanceId()).parent()).isEqualTo(parent);
    assertThat(hub.status(id).parent()).isNull();
  }

  @Test
  void whoeverIsStartedByAClientHasNoParent() {
    TestHub hub = hub(f -> f.orchestrator("main", ctx -> ctx.parent().equals(Optional.empty())));

    assertThat(hub.run("main", null, boolean.class)).isTrue();
  }

  @Test
  void theIdAndTheTagsOfAChildMayBeChosen() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx ->
                            ctx.callSubOrchestrator(
                                    "child",
                                    null,
                                    TaskOptions.NONE
                                        .withInstanceId("chosen one")
                                        .withTags(Map.of("colour", "red")),
                                    String.class)
                                .await())
                    .orchestrator("child", ctx -> ctx.instanceId() + ctx.tags()));

    assertThat(hub.run("main", null, String.class)).isEqualTo("chosen one{colour=red}");
    assertThat(hub.status("chosen one").tags()).containsEntry("colour", "red");
  }

  @Test
  void childrenWithoutAChosenIdNeverShareOne() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        Integer.class,
                        (ctx, generation) -> {
                          ctx.callSubOrchestrator("child", null, Void.class).await();
                          ctx.callSubOrchestrator("child", null, Void.class).await();
                          if (generation < 3) {
                            ctx.continueAsNew(generation + 1);
                          }
                          return null;
                        })
                    .orchestrator("child", ctx -> null));

    hub.end(hub.client().startNew("main", 1));

    assertThat(hub.client().query(dev.perdure.api.InstanceQuery.ALL.withName("child")).instances())
        .hasSize(6);
  }

  @Test
  void aVersionIsInheritedUnlessAnotherIsChosen() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          String own = ctx.version();
                          String inherited =
                              ctx.callSubOrchestrator("child", null, String.class).await();
                          String overridden =
                              ctx.callSubOrchestrator(
                                      "child",
                                      null,
                                      TaskOptions.NONE.withVersion("3"),
                                      String.class)
                                  .await();
                          String none =
                              ctx.callSubOrchestrator(
                                      "child", null, TaskOptions.NONE.withVersion(""), String.class)
                                  .await();
                          return own + inherited + overridden + none;
                        })
                    .orchestrator("child", "2", ctx -> " two:" + ctx.version())
                    .orchestrator("child", "3", ctx -> " three:" + ctx.version())
                    .orchestrator("child", ctx -> " any:" + ctx.version()));

    String id = hub.client().startNew("main", null, StartOptions.DEFAULT.withVersion("2"));

    assertThat(hub.output(id, String.class)).isEqualTo("2 two:2 three:3 any:");
  }

  @Test
  void aFailureComesUpThroughTwoLevelsWithAllItsDetails() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "top", ctx -> ctx.callSubOrchestrator("middle", null, Void.class).await())
                    .orchestrator(
                        "middle",
                        ctx -> ctx.callSubOrchestrator("bottom", null, Void.class).await())
                    .orchestrator(
                        "bottom", ctx -> ctx.callActivity("burn", null, String.class).await())
                    .activity(
                        "burn",
                        () -> {
                          throw new IllegalStateException("smoke", new IOException("fire"));
                        }));

    FailureDetails failure = hub.failure(hub.client().startNew("top"));

    List<String> types = new ArrayList<>();
    for (FailureDetails at = failure; at != null; at = at.cause()) {
      types.add(at.errorType().substring(at.errorType().lastIndexOf('.') + 1) + "");
      assertThat(at.stackTrace()).contains("\tat ");
    }
    assertThat(types)
        .containsExactly(
            "TaskFailedException",
            "TaskFailedException",
            "TaskFailedException",
            "IllegalStateException",
            "IOException");
    assertThat(failure.isCausedBy(IOException.class)).isTrue();
    assertThat(failure.isCausedBy(IllegalStateException.class)).isTrue();
    assertThat(failure.isCausedBy(InterruptedException.class)).isFalse();
  }

  @Test
  void aParentMayCatchTheFailureOfAChild() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          try {
                            ctx.callSubOrchestrator("child", null, Void.class).await();
                            return "no failure";
                          } catch (TaskFailedException e) {
                            return e.taskName() + " #" + e.taskId() + " " + e.details().message();
                          }
                        })
                    .orchestrator(
                        "child",
                        ctx -> {
                          throw new IOException("fire");
                        }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("child #0 fire");
  }

  @Test
  void aChildCannotTakeTheIdOfAnInstanceThatIsUnderWay() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        String.class,
                        (ctx, childId) -> {
                          try {
                            return ctx.callSubOrchestrator(
                                    "wait",
                                    null,
                                    TaskOptions.NONE.withInstanceId(childId),
                                    String.class)
                                .await();
                          } catch (TaskFailedException e) {
                            FailureDetails why = e.details();
                            assertThat(why.stackTrace()).as("none of the engine's").isNull();
                            return "" + e.isCausedBy(InstanceAlreadyExistsException.class);
                          }
                        })
                    .orchestrator(
                        "wait", ctx -> ctx.waitForExternalEvent("go", String.class).await()));

    String other = hub.start("wait", null, StartOptions.id("busy"));
    assertThat(hub.run("main", "busy", String.class)).isEqualTo("true");
    assertThat(hub.status(other).status()).isEqualTo(OrchestrationStatus.RUNNING);

    String itself = hub.client().startNew("main", "me", StartOptions.id("me"));
    assertThat(hub.output(itself, String.class)).isEqualTo("true");
  }

  @Test
  void aChildReplacesAnInstanceThatHasEnded() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx ->
                            ctx.callSubOrchestrator(
                                    "child",
                                    "new",
                                    TaskOptions.NONE.withInstanceId("reused"),
                                    String.class)
                                .await())
                    .orchestrator("child", String.class, (ctx, input) -> input));
    hub.output(hub.client().startNew("child", "old", StartOptions.id("reused")), String.class);

    assertThat(hub.run("main", null, String.class)).isEqualTo("new");
    assertThat(hub.status("reused").parent()).isNotNull();
  }

  @Test
  void anIdThatCannotBeOneIsRefusedWhereItIsUsed() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    String.class,
                    (ctx, id) ->
                        ctx.callSubOrchestrator(
                                "main", null, TaskOptions.NONE.withInstanceId(id), String.class)
                            .await()));

    for (String id : List.of(" ", "x".repeat(257), "a\nb", "@entity")) {
      assertThat(hub.failure(hub.client().startNew("main", id)).errorType())
          .isEqualTo(InvalidInstanceIdException.class.getName());
    }
  }

  @Test
  void anUnknownOrchestratorFailsTheTask() {
    TestHub hub =
        hub(
            f ->
                f.register(new Family())
                    .orchestrator(
                        "main",
                        ctx -> ctx.callSubOrchestrator("orphen", null, Void.class).await()));

    FailureDetails failure = hub.failure(hub.client().startNew("main"));

    assertThat(failure.isCausedBy(FunctionNotFoundException.class)).isTrue();
    assertThat(failure.cause().message()).contains("orphen", "orphan");
  }

  @Test
  void aTerminatedChildFailsItsTask() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx ->
                            ctx.callSubOrchestrator(
                                    "child",
                                    null,
                                    TaskOptions.NONE.withInstanceId("child-1"),
                                    Void.class)
                                .await())
                    .orchestrator(
                        "child", ctx -> ctx.waitForExternalEvent("never", Void.class).await()));

    String id = hub.start("main");
    hub.untilStatus("child-1", OrchestrationStatus.RUNNING);
    hub.client().terminate("child-1", "enough");

    assertThat(hub.failure(id).message()).contains("child").contains("terminated");
    assertThat(hub.history(id, SubOrchestrationFailed.class)).hasSize(1);
  }

  private TestHub hubWithThreeGenerations() {
    return hub(
        f ->
            f.orchestrator(
                    "top",
                    ctx ->
                        ctx.callSubOrchestrator(
                                "middle",
                                null,
                                TaskOptions.NONE.withInstanceId("middle-1"),
                                Void.class)
                            .await())
                .orchestrator(
                    "middle",
                    ctx ->
                        ctx.callSubOrchestrator(
                                "bottom",
                                null,
                                TaskOptions.NONE.withInstanceId("bottom-1"),
                                Void.class)
                            .await())
                .orchestrator("bottom", ctx -> ctx.waitForExternalEvent("go", Void.class).await()));
  }

  @Test
  void terminatingAParentTerminatesAllItsDescendants() {
    TestHub hub = hubWithThreeGenerations();
    String id = hub.start("top");
    hub.untilStatus("bottom-1", OrchestrationStatus.RUNNING);

    hub.client().terminate(id, "enough");

    assertThat(hub.end(id).status()).isEqualTo(OrchestrationStatus.TERMINATED);
    assertThat(hub.end("middle-1").status()).isEqualTo(OrchestrationStatus.TERMINATED);
    assertThat(hub.end("bottom-1").status()).isEqualTo(OrchestrationStatus.TERMINATED);
  }

  @Test
  void terminatingAParentAloneLeavesItsDescendantsAsTheyAre() {
    TestHub hub = hubWithThreeGenerations();
    String id = hub.start("top");
    hub.untilStatus("bottom-1", OrchestrationStatus.RUNNING);

    hub.client().terminate(id, "enough", false);
    assertThat(hub.end(id).status()).isEqualTo(OrchestrationStatus.TERMINATED);
    hub.client().raiseEvent("bottom-1", "go");

    assertThat(hub.end("bottom-1").status()).isEqualTo(OrchestrationStatus.COMPLETED);
    assertThat(hub.end("middle-1").status()).isEqualTo(OrchestrationStatus.COMPLETED);
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.TERMINATED);
  }

  @Test
  void aChildThatNobodyWaitsForGoesOnAfterItsParentHasEnded() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          ctx.callSubOrchestrator(
                              "child",
                              null,
                              TaskOptions.NONE.withInstanceId("left-behind"),
                              Void.class);
                          return "done";
                        })
                    .orchestrator(
                        "child", ctx -> ctx.waitForExternalEvent("go", String.class).await()));

    assertThat(hub.run("main", null, String.class)).isEqualTo("done");
    hub.untilStatus("left-behind", OrchestrationStatus.RUNNING);
    hub.client().raiseEvent("left-behind", "go", "gone");

    assertThat(hub.output("left-behind", String.class)).isEqualTo("gone");
  }

  @Test
  void aChildThatContinuesAsNewAnswersWithItsLastGeneration() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main", ctx -> ctx.callSubOrchestrator("child", 1, String.class).await())
                    .orchestrator(
                        "child",
                        Integer.class,
                        (ctx, generation) -> {
                          if (generation < 10) {
                            ctx.continueAsNew(generation + 1);
                          }
                          return "generation " + generation + " of " + ctx.parent().get().name();
                        }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("generation 10 of main");
  }

  @Test
  void theAnswerToAnEarlierGenerationOfTheParentIsIgnored() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        Integer.class,
                        (ctx, generation) -> {
                          TaskOptions options = TaskOptions.NONE.withInstanceId("c" + generation);
                          Task<String> child =
                              ctx.callSubOrchestrator(
                                  "child", "answer " + generation, options, String.class);
                          if (generation == 1) {
                            ctx.waitForExternalEvent("next", Void.class).await();
                            ctx.continueAsNew(2);
                            return null;
                          }
                          return child.await();
                        })
                    .orchestrator(
                        "child",
                        String.class,
                        (ctx, input) -> {
                          ctx.waitForExternalEvent("go", Void.class).await();
                          return input;
                        }));
    String id = hub.start("main", 1);
    hub.untilStatus("c1", OrchestrationStatus.RUNNING);
    hub.client().raiseEvent(id, "next");
    hub.untilStatus("c2", OrchestrationStatus.RUNNING);

    hub.client().raiseEvent("c1", "go");
    OrchestrationMetadata first = hub.end("c1");
    hub.client().raiseEvent("c2", "go");

    assertThat(first.output(String.class)).isEqualTo("answer 1");
    assertThat(hub.output(id, String.class)).isEqualTo("answer 2");
  }

  @Test
  void childrenMayBeNestedDeeply() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "deep",
                    Integer.class,
                    (ctx, depth) ->
                        depth == 0
                            ? 0
                            : 1
                                + ctx.callSubOrchestrator("deep", depth - 1, Integer.class)
                                    .await()));

    assertThat(hub.run("deep", 60, int.class)).isEqualTo(60);
  }
}
