package dev.perdure.engine.recovery;

import static dev.perdure.engine.recovery.Stories.ignoreIfEnded;
import static dev.perdure.engine.recovery.Stories.tell;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TaskTimeoutException;
import dev.perdure.engine.recovery.Stories.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Stories of orchestrations that end the same, at whichever commit the power goes off. */
@ExtendWith(QuietLog.class)
class CrashAtEveryCommitTest {
  static List<Fault> faults() {
    return Stories.faults();
  }

  // ---- the stories ------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("faults")
  void aSequenceOfActivitiesEndsAsIfNothingHadHappened(Fault fault) {
    tell(
        fault,
        1,
        (world, f) -> {
          f.activity(
              "hello",
              String.class,
              city -> {
                world.ran(city);
                return "Hello " + city;
              });
          f.orchestrator(
              "cities",
              ctx ->
                  ctx.callActivity("hello", "Tokyo", String.class).await()
                      + ", "
                      + ctx.callActivity("hello", "London", String.class).await()
                      + ", "
                      + ctx.callActivity("hello", "Seattle", String.class).await());
        },
        world -> {
          world.start("a", "cities", null);
          assertThat(world.output("a", String.class))
              .isEqualTo("Hello Tokyo, Hello London, Hello Seattle");
          for (String city : List.of("Tokyo", "London", "Seattle")) {
            assertThat(world.runsOf(city)).isBetween(1, 1 + world.deaths());
          }
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFanOutGathersEveryResultOnce(Fault fault) {
    tell(
        fault,
        2,
        (world, f) -> {
          f.activity(
              "square",
              Integer.class,
              n -> {
                world.ran("square " + n);
                return n * n;
              });
          f.orchestrator(
              "sum",
              ctx -> {
                List<Task<Integer>> squares = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                  squares.add(ctx.callActivity("square", i, Integer.class));
                }
                return ctx.allOf(squares).await().stream().mapToInt(Integer::intValue).sum();
              });
        },
        world -> {
          world.start("a", "sum", null);
          assertThat(world.output("a", Integer.class)).isEqualTo(2470);
          for (int i = 0; i < 20; i++) {
            assertThat(world.runsOf("square " + i)).isBetween(1, 1 + world.deaths());
          }
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void childrenInOtherPartitionsAreStartedAndHeardOnce(Fault fault) {
    tell(
        fault,
        4,
        (world, f) -> {
          f.activity("work", Integer.class, n -> n + 1);
          f.orchestrator(
              "child",
              Integer.class,
              (ctx, n) -> {
                if (n == 3) {
                  throw new IllegalStateException("three");
                }
                return ctx.callActivity("work", n, Integer.class).await();
              });
          f.orchestrator(
              "parent",
              ctx -> {
                List<Task<Integer>> children = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                  children.add(
                      ctx.callSubOrchestrator(
                          "child",
                          i,
                          TaskOptions.NONE.withInstanceId(ctx.instanceId() + "-" + i),
                          Integer.class));
                }
                List<String> results = new ArrayList<>();
                for (Task<Integer> child : children) {
                  try {
                    results.add("" + child.await());
                  } catch (TaskFailedException e) {
                    results.add(e.details().message());
                  }
                }
                return String.join(" ", results);
              });
        },
        world -> {
          world.start("a", "parent", null);
          world.start("b", "parent", null);
          assertThat(world.output("a", String.class)).isEqualTo("1 2 3 three 5 6");
          assertThat(world.output("b", String.class)).isEqualTo("1 2 3 three 5 6");
          assertThat(world.instances()).hasSize(14);
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void timersFireOnceAndNotTooEarly(Fault fault) {
    tell(
        fault,
        2,
        (world, f) ->
            f.orchestrator(
                "sleeper",
                ctx -> {
                  var began = ctx.currentInstant();
                  ctx.createTimer(Duration.ofMinutes(10)).await();
                  ctx.createTimer(Duration.ofSeconds(70)).await();
                  try {
                    ctx.waitForExternalEvent("never", Duration.ofDays(2), String.class).await();
                    return "an event out of nothing";
                  } catch (TaskTimeoutException e) {
                    Duration slept = Duration.between(began, ctx.currentInstant());
                    return slept.compareTo(Duration.ofDays(2).plusSeconds(670)) >= 0
                        ? "well slept"
                        : "woken after " + slept;
                  }
                }),
        world -> {
          world.start("a", "sleeper", null);
          world.start("b", "sleeper", null);
          for (String id : List.of("a", "b")) {
            OrchestrationMetadata end = world.endWhileTimeFlies(id, Duration.ofMinutes(61));
            assertThat(end.output(String.class)).isEqualTo("well slept");
          }
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void anEventWhoseRaiseWasAcknowledgedIsSeen(Fault fault) {
    tell(
        fault,
        1,
        (world, f) ->
            f.orchestrator(
                "collector",
                ctx -> {
                  TreeSet<Integer> seen = new TreeSet<>();
                  while (seen.size() < 5) {
                    seen.add(ctx.waitForExternalEvent("number", Integer.class).await());
                  }
                  return seen.toString();
                }),
        world -> {
          world.start("a", "collector", null);
          for (int i = 0; i < 5; i++) {
            int number = i;
            ignoreIfEnded(world, client -> client.raiseEvent("a", "number", number));
          }
          assertThat(world.output("a", String.class)).isEqualTo("[0, 1, 2, 3, 4]");
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void eventsBetweenOrchestrationsArriveOnceAndInOrder(Fault fault) {
    tell(
        fault,
        4,
        (world, f) -> {
          f.activity("next", Integer.class, n -> n + 1);
          f.orchestrator(
              "sender",
              ctx -> {
                int n = 0;
                for (int i = 0; i < 5; i++) {
                  ctx.sendEvent("receiver", "number", n);
                  n = ctx.callActivity("next", n, Integer.class).await();
                }
                ctx.sendEvent("receiver", "number", -1);
                return n;
              });
          f.orchestrator(
              "receiver",
              ctx -> {
                List<Integer> seen = new ArrayList<>();
                while (seen.isEmpty() || seen.getLast() >= 0) {
                  seen.add(ctx.waitForExternalEvent("number", Integer.class).await());
                }
                return seen.toString();
              });
        },
        world -> {
          world.start("receiver", "receiver", null);
          world.start("sender", "sender", null);
          assertThat(world.output("receiver", String.class)).isEqualTo("[0, 1, 2, 3, 4, -1]");
          assertThat(world.output("sender", Integer.class)).isEqualTo(5);
        });
  }

  private static Object countEvents(OrchestrationContext ctx, Integer next) {
    if (next == 6) {
      return next;
    }
    int number = ctx.waitForExternalEvent("tick", Integer.class).await();
    ctx.continueAsNew(number == next ? next + 1 : next);
    return null;
  }

  @ParameterizedTest
  @MethodSource("faults")
  void anOrchestrationThatContinuesAsNewLosesNoEvent(Fault fault) {
    tell(
        fault,
        1,
        (world, f) -> f.orchestrator("counter", Integer.class, CrashAtEveryCommitTest::countEvents),
        world -> {
          world.start("a", "counter", 0);
          for (int i = 0; i < 6; i++) {
            int number = i;
            ignoreIfEnded(world, client -> client.raiseEvent("a", "tick", number));
          }
          assertThat(world.output("a", Integer.class)).isEqualTo(6);
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aTerminatedFamilyIsTerminatedAltogether(Fault fault) {
    tell(
        fault,
        4,
        (world, f) ->
            f.orchestrator(
                "family",
                Integer.class,
                (ctx, generations) -> {
                  if (generations > 0) {
                    List<Task<String>> children =
                        IntStream.range(0, 2)
                            .mapToObj(
                                i ->
                                    ctx.callSubOrchestrator(
                                        "family",
                                        generations - 1,
                                        TaskOptions.NONE.withInstanceId(ctx.instanceId() + i),
                                        String.class))
                            .toList();
                    ctx.allOf(children).await();
                  }
                  return ctx.waitForExternalEvent("never", String.class).await();
                }),
        world -> {
          world.start("f", "family", 2);
          for (String leaf : List.of("f00", "f01", "f10", "f11")) {
            world.until(
                leaf + " runs",
                c ->
                    c.status(leaf)
                        .map(s -> s.status() == OrchestrationStatus.RUNNING)
                        .orElse(false));
          }
          ignoreIfEnded(world, client -> client.terminate("f", "enough", true));
          for (String id : List.of("f", "f0", "f1", "f00", "f01", "f10", "f11")) {
            assertThat(world.end(id).status()).as(id).isEqualTo(OrchestrationStatus.TERMINATED);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void whatWasPurgedStaysAwayAndItsIdCanBeUsedAgain(Fault fault) {
    tell(
        fault,
        2,
        (world, f) -> {
          f.activity("work", Integer.class, n -> n);
          f.orchestrator(
              "one", Integer.class, (ctx, n) -> ctx.callActivity("work", n, Integer.class).await());
        },
        world -> {
          for (String id : List.of("a", "b", "c")) {
            world.start(id, "one", 1);
            assertThat(world.output(id, Integer.class)).isEqualTo(1);
          }
          world.tell(client -> client.purge("a"));
          world.tell(client -> client.purge("b"));
          assertThat(world.exists("a")).isFalse();
          world.start("b", "one", 2);
          assertThat(world.output("b", Integer.class)).isEqualTo(2);
          assertThat(world.instances())
              .extracting(OrchestrationMetadata::instanceId)
              .containsExactlyInAnyOrder("b", "c");
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFamilyThatIsPurgedLeavesNobodyBehind(Fault fault) {
    tell(
        fault,
        4,
        (world, f) ->
            f.orchestrator(
                "family",
                Integer.class,
                (ctx, depth) ->
                    depth == 0
                        ? ctx.instanceId()
                        : ctx.callSubOrchestrator(
                                "family",
                                depth - 1,
                                TaskOptions.NONE.withInstanceId(ctx.instanceId() + "/"),
                                String.class)
                            .await()),
        world -> {
          world.start("one", "family", 3);
          world.start("other", "family", 3);
          assertThat(world.output("one", String.class)).isEqualTo("one///");
          assertThat(world.output("other", String.class)).isEqualTo("other///");
          world.tell(client -> client.purge("one", true));
          assertThat(world.instances())
              .extracting(OrchestrationMetadata::instanceId)
              .containsExactlyInAnyOrder("other", "other/", "other//", "other///");
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aRewoundFamilyEndsWell(Fault fault) {
    tell(
        fault,
        4,
        (world, f) -> {
          f.activity(
              "work",
              () -> {
                world.ran("work");
                if (world.runsOf("rewound") == 0) {
                  throw new IllegalStateException("not yet");
                }
                return "done";
              });
          f.orchestrator("child", ctx -> ctx.callActivity("work", null, String.class).await());
          f.orchestrator(
              "parent",
              ctx ->
                  ctx.callSubOrchestrator(
                          "child",
                          null,
                          TaskOptions.NONE.withInstanceId(ctx.instanceId() + "-child"),
                          String.class)
                      .await());
        },
        world -> {
          world.start("p", "parent", null);
          assertThat(world.end("p").status()).isEqualTo(OrchestrationStatus.FAILED);
          world.ran("rewound");
          ignoreIfEnded(world, client -> client.rewind("p", "put right"));
          assertThat(world.output("p", String.class)).isEqualTo("done");
          assertThat(world.output("p-child", String.class)).isEqualTo("done");
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aSuspendedOrchestrationStaysSoUntilItIsResumed(Fault fault) {
    tell(
        fault,
        1,
        (world, f) -> {
          f.activity(
              "work",
              () -> {
                world.ran("work");
                return 1;
              });
          f.orchestrator(
              "waiter",
              ctx -> {
                ctx.waitForExternalEvent("go", String.class).await();
                return ctx.callActivity("work", null, Integer.class).await();
              });
        },
        world -> {
          world.start("a", "waiter", null);
          world.tell(client -> client.suspend("a", "for now"));
          world.tell(client -> client.raiseEvent("a", "go"));
          assertThat(world.status("a").status()).isEqualTo(OrchestrationStatus.SUSPENDED);
          assertThat(world.runsOf("work")).isZero();
          ignoreIfEnded(world, client -> client.resume("a", null));
          assertThat(world.output("a", Integer.class)).isEqualTo(1);
        });
  }
}
