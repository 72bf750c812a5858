package dev.perdure.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
