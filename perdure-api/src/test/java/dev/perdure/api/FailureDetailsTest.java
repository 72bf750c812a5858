package dev.perdure.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailureDetailsTest {

  static final class Hopeless extends IOException implements NonRetriable {
    private static final long serialVersionUID = 1L;

    Hopeless() {
      super("hopeless");
    }
  }

  @Test
  void readsWellHoweverDeepTheFailureCameFrom() {
    FailureDetails original = FailureDetails.of(new IOException("no such file"));
    assertThat(original).hasToString("java.io.IOException: no such file");
    assertThat(FailureDetails.of(new IOException())).hasToString("java.io.IOException");

    FailureDetails child = FailureDetails.of(new TaskFailedException("read", 2, original));
    assertThat(child)
        .hasToString("PD-1016: Task 'read' (#2) failed: java.io.IOException: no such file");
    assertThat(FailureDetails.of(new TaskFailedException("child", 0, child)))
        .hasToString(
            "PD-1016: Task 'child' (#0) failed: PD-1016: Task 'read' (#2) failed:"
                + " java.io.IOException: no such file");
  }

  /** Compensation that fails as well is attached to the failure that it was for. */
  @Test
  void knowsTheTaskThatFailedAlsoWhereSomethingFailedBesides() {
    TaskFailedException failed =
        new TaskFailedException("charge", 0, FailureDetails.of(new Hopeless()));
    failed.addSuppressed(new IllegalStateException("the refund failed, too"));
    FailureDetails details = FailureDetails.of(failed);
    assertThat(details.isCausedBy(Hopeless.class)).isTrue();
    assertThat(details.nonRetriable()).isTrue();
  }

  @Test
  void aMessageThatIsCutKeepsItsCharactersWhole() {
    FailureDetails details =
        FailureDetails.of(new IOException("x".repeat(7_999) + "\uD83D\uDE80 and more"));
    assertThat(details.message()).isEqualTo("x".repeat(7_999) + "...");
  }

  @Test
  void hasOnlySoManyCausesHoweverOftenItWasPassedOn() {
    FailureDetails passedOn = FailureDetails.of(new IOException("no such file"));
    for (int level = 0; level < 40; level++) {
      passedOn = FailureDetails.of(new TaskFailedException("child", level, passedOn));
    }
    int causes = 0;
    for (FailureDetails at = passedOn.cause(); at != null; at = at.cause()) {
      causes++;
    }
    assertThat(causes).isEqualTo(FailureDetails.CAUSES_MAX);
  }

  @Test
  void ofSeveralFailuresEachIsAskedForWhatCausedIt() {
    TaskFailedException read =
        new TaskFailedException("read", 2, FailureDetails.of(new IOException("no such file")));
    CompositeTaskFailedException two =
        new CompositeTaskFailedException(2, List.of(new TaskTimeoutException("late"), read));
    CompositeTaskFailedException nested =
        new CompositeTaskFailedException(2, List.of(new IllegalStateException(two)));
    for (CompositeTaskFailedException each : List.of(two, nested)) {
      assertThat(each.isCausedBy(TaskTimeoutException.class)).isTrue();
      assertThat(each.isCausedBy(IOException.class)).isTrue();
      assertThat(each.isCausedBy(ClassCastException.class)).isFalse();
    }
  }

  @Test
  void isNotRetriableIfTheExceptionSaysSo() {
    FailureDetails hopeless = FailureDetails.of(new Hopeless());
    assertThat(hopeless.nonRetriable()).isTrue();
    assertThat(FailureDetails.of(new FunctionNotFoundException("x")).nonRetriable()).isTrue();
    assertThat(FailureDetails.of(new TaskFailedException("t", 1, hopeless)).nonRetriable())
        .isTrue();
    assertThat(FailureDetails.of(new IOException(new Hopeless())).nonRetriable()).isFalse();
  }
}
