package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.DataConversionException;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.api.TaskFailedException;
import dev.perdure.engine.EngineOptions.Limits;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailuresTest extends Scenarios {

  /** As users write them. */
  static final class OutOfStock extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutOfStock(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private TestHub hubWhereActivityThrows(Throwable error) {
    return hub(
        f ->
            f.orchestrator(
                    "main",
                    ctx -> {
                      try {
                        return ctx.callActivity("fail", null, String.class).await();
                      } catch (TaskFailedException e) {
                        return e.isCausedBy(IOException.class)
                            + " "
                            + e.isCausedBy(FileNotFoundException.class)
                            + " "
                            + e.isCausedBy(OutOfStock.class)
                            + " "
                            + e.isCausedBy(InterruptedException.class);
                      }
                    })
                .orchestrator(
                    "let it through", ctx -> ctx.callActivity("fail", null, String.class).await())
                .activity(
                    "fail",
                    () -> {
                      if (error instanceof Error e) {
                        throw e;
                      }
                      throw (Exception) error;
                    }));
  }

  @Test
  void whatAnActivityThrewIsKnownByItsClassItsSuperclassesAndItsCauses() {
    TestHub hub =
        hubWhereActivityThrows(
            new OutOfStock("no pens", new UncheckedIOException(new FileNotFoundException("pens"))));

    assertThat(hub.run("main", null, String.class)).isEqualTo("true true true false");
  }

  @Test
  void typeMessageStackAndCausesSurviveInStatusAndHistory() {
    TestHub hub =
        hubWhereActivityThrows(new OutOfStock("no pens", new FileNotFoundException("pens")));

    String id = hub.client().startNew("let it through");
    OrchestrationMetadata end = hub.end(id);

    FailureDetails original = end.failure().cause();
    assertThat(original.errorType()).isEqualTo(OutOfStock.class.getName());
    assertThat(original.message()).isEqualTo("no pens");
    assertThat(original.stackTrace()).contains("FailuresTest");
    assertThat(original.cause().errorType()).isEqualTo(FileNotFoundException.class.getName());
    assertThat(original.cause().message()).isEqualTo("pens");
    assertThat(hub.history(id, TaskFailed.class).getFirst().failure()).isEqualTo(original);
    assertThat(end.toString()).contains("FAILED", "no pens");
    assertThat(end.output(String.class)).isNull();
    assertThat(hub.client().explain(id).summary()).contains("FAILED", "no pens");
  }

  @Test
  void errorsAreFailuresToo() {
    TestHub hub = hubWhereActivityThrows(new StackOverflowError());

    FailureDetails failure = hub.failure(hub.client().startNew("let it through"));

    assertThat(failure.cause().errorType()).isEqualTo(StackOverflowError.class.getName());
    assertThat(failure.cause().message()).isEmpty();
  }

  @Test
  void whatAnOrchestratorThrowsIsItsFailureWhateverItIs() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    Integer.class,
                    (ctx, which) ->
                        switch (which) {
                          case 0 -> throw new IOException("checked");
                          case 1 -> throw new AssertionError("error");
                          case 2 -> recurse(0);
                          default -> throw new OutOfStock(null, null);
                        }));

    assertThat(hub.failure(hub.client().startNew("main", 0)).toString())
        .isEqualTo("java.io.IOException: checked");
    assertThat(hub.failure(hub.client().startNew("main", 1)).errorType())
        .isEqualTo(AssertionError.class.getName());
    assertThat(hub.failure(hub.client().startNew("main", 2)).errorType())
        .isEqualTo(StackOverflowError.class.getName());
    assertThat(hub.failure(hub.client().startNew("main", 3)).toString())
        .isEqualTo(OutOfStock.class.getName());
  }

  @SuppressWarnings("InfiniteRecursion") // that is the point
  private static int recurse(int depth) {
    return depth < 0 ? depth : recurse(depth + 1) + 1;
  }

  @Test
  void anExceptionClassThatIsMissingHereIsComparedByName() {
    FailureDetails foreign =
        new FailureDetails(
            "com.example.gone.LegacyException",
            "from another program",
            null,
            new FailureDetails(IOException.class.getName(), "known", null, null, false),
            false);

    assertThat(foreign.isCausedBy(IOException.class)).isTrue();
    assertThat(foreign.isCausedBy(IllegalStateException.class)).isFalse();
  }

  @Test
  void causesThatGoInCirclesOrWithoutEndAreCut() {
    Exception root = new IllegalStateException("root");
    Exception loop = new IllegalArgumentException("loop", root);
    root.initCause(loop);
    TestHub hub = hubWhereActivityThrows(loop);

    FailureDetails at = hub.failure(hub.client().startNew("let it through"));

    int depth = 0;
    for (; at != null; at = at.cause()) {
      depth++;
    }
    assertThat(depth).isBetween(3, 20);
  }

  @Test
  void hugeMessagesAndStacksAreCut() {
    TestHub hub = hubWhereActivityThrows(new IllegalStateException("x".repeat(1_000_000)));

    FailureDetails failure = hub.failure(hub.client().startNew("let it through")).cause();

    assertThat(failure.message()).hasSizeLessThan(10_000).startsWith("xxx");
    assertThat(failure.stackTrace()).hasSizeLessThan(10_000);
  }

  // ---- values that cannot be written or read ----------------------------------------------------

  /** Cannot be written as JSON. */
  static final class Unwritable {
    public String getValue() {
      throw new IllegalStateException("no value");
    }
  }

  @Test
  void anActivityWhoseOutputCannotBeWrittenFails() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator("main", ctx -> ctx.callActivity("bad", null, String.class).await())
                    .activity("bad", Unwritable::new));

    FailureDetails failure = hub.failure(hub.client().startNew("main"));

    assertThat(failure.isCausedBy(DataConversionException.class)).isTrue();
    assertThat(failure.toString()).contains("Unwritable");
  }

  @Test
  void anOrchestratorWhoseOutputCannotBeWrittenFails() {
    TestHub hub = hub(f -> f.orchestrator("main", ctx -> new Unwritable()));

    assertThat(hub.failure(hub.client().startNew("main")).errorType())
        .isEqualTo(DataConversionException.class.getName());
  }

  @Test
  void inputThatDoesNotFitFailsTheFunctionThatGetsIt() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator("numbers", Integer.class, (ctx, number) -> number)
                    .orchestrator(
                        "main", ctx -> ctx.callActivity("count", "many", Integer.class).await())
                    .activity("count", Integer.class, number -> number));

    FailureDetails ofOrchestrator = hub.failure(hub.client().startNew("numbers", "seven"));
    assertThat(ofOrchestrator.errorType()).isEqualTo(DataConversionException.class.getName());
    assertThat(ofOrchestrator.message())
        .startsWith("PD-1001: The input of orchestrator 'numbers' does not fit: ");
    FailureDetails ofActivity = hub.failure(hub.client().startNew("main"));
    assertThat(ofActivity.isCausedBy(DataConversionException.class)).isTrue();
    assertThat(ofActivity.message())
        .contains("PD-1001: The input of activity 'count' does not fit: ");
  }

  @Test
  void aResultThatIsNotOfTheTypeAskedForIsNamed() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "result", ctx -> ctx.callActivity("name", null, Integer.class).await())
                    .orchestrator(
                        "event", ctx -> ctx.waitForExternalEvent("Count", Integer.class).await())
                    .activity("name", () -> "seven"));

    assertThat(hub.failure(hub.client().startNew("result")).message())
        .startsWith("PD-1001: The result of activity 'name' does not fit: ");
    String event = hub.client().startNew("event");
    hub.client().raiseEvent(event, "Count", "seven");
    assertThat(hub.failure(event).message())
        .startsWith("PD-1001: The payload of event 'Count' does not fit: ");
  }

  @Test
  void whatCannotBeWrittenIsRefusedWhereItIsPassed() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        Integer.class,
                        (ctx, which) -> {
                          Object bad = new Unwritable();
                          try {
                            switch (which) {
                              case 0 -> ctx.callActivity("any", bad);
                              case 1 -> ctx.callSubOrchestrator("any", bad, String.class);
                              case 2 -> ctx.sendEvent("x", "e", bad);
                              case 3 -> ctx.setCustomStatus(bad);
                              default -> ctx.continueAsNew(bad);
                            }
                            return "accepted";
                          } catch (DataConversionException e) {
                            return "refused";
                          }
                        })
                    .activity("any", String.class, x -> x));

    for (int which = 0; which < 5; which++) {
      assertThat(hub.run("main", which, String.class)).isEqualTo("refused");
    }
  }

  // ---- values that are too large ----------------------------------------------------------------

  private static final String LARGE = "x".repeat(2_000);

  @Test
  void largePayloadsAreRefusedWithInstanceFieldSizeAndLimit() {
    TestHub hub =
        hub(
            options -> options.withLimits(Limits.DEFAULTS.withPayloadBytesMax(1_024)),
            f ->
                f.orchestrator(
                        "main",
                        Integer.class,
                        (ctx, which) -> {
                          try {
                            switch (which) {
                              case 0 -> ctx.callActivity("any", LARGE);
                              case 1 -> ctx.callSubOrchestrator("any", LARGE, String.class);
                              case 2 -> ctx.sendEvent("x", "e", LARGE);
                              case 3 -> ctx.setCustomStatus(LARGE);
                              case 4 -> ctx.continueAsNew(LARGE);
                              default -> {
                                return LARGE;
                              }
                            }
                            return "accepted";
                          } catch (PayloadTooLargeException e) {
                            return e.getMessage();
                          }
                        })
                    .orchestrator(
                        "large result",
                        ctx -> ctx.callActivity("large", null, String.class).await())
                    .activity("any", String.class, x -> x)
                    .activity("large", () -> LARGE));

    List<String> fields =
        List.of(
            "activity 'any'",
            "sub-orchestration 'any'",
            "event 'e'",
            "custom status",
            "continueAsNew");
    for (int which = 0; which < fields.size(); which++) {
      String id = hub.client().startNew("main", which);
      assertThat(hub.output(id, String.class)).contains(id, fields.get(which), "2002", "1024");
    }
    String id = hub.client().startNew("main", 5);
    assertThat(hub.failure(id).message()).contains(id, "output of orchestrator 'main'", "2002");
    id = hub.client().startNew("large result");
    assertThat(hub.failure(id).cause().errorType())
        .isEqualTo(PayloadTooLargeException.class.getName());
    assertThat(hub.failure(id).cause().message()).contains(id, "output of activity 'large'");
  }

  @Test
  void largePayloadsOfTheDefaultLimitGoThrough() {
    byte[] large = new byte[3_000_000];
    large[2_999_999] = 1;
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        byte[].class,
                        (ctx, bytes) -> ctx.callActivity("copy", bytes, byte[].class).await())
                    .activity("copy", byte[].class, bytes -> bytes));

    assertThat(hub.run("main", large, byte[].class)).isEqualTo(large);
  }
}
