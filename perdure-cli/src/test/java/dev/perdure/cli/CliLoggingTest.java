package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class CliLoggingTest {
  private final CliLogging.OneLine format = new CliLogging.OneLine();

  @Test
  void aMessageIsOneLineWithTheLastPartOfTheLoggersName() {
    LogRecord message = new LogRecord(Level.WARNING, "Partition {0} is slow.");
    message.setParameters(new Object[] {3});
    message.setLoggerName("dev.perdure.engine.Partition");

    assertThat(format.format(message))
        .matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} WARNING Partition: Partition 3 is slow\\.\\R");
  }

  @Test
  void whatAMessageQuotesCannotLookLikeAnotherMessage() {
    LogRecord message = new LogRecord(Level.INFO, "Event ''{0}'' was dropped");
    message.setParameters(new Object[] {"e\r\n12:00:00.000 SEVERE Engine: forged \u001b[31m"});
    message.setLoggerName("x");

    assertThat(format.format(message))
        .endsWith(
            " INFO x: Event 'e\n\t12:00:00.000 SEVERE Engine: forged ?[31m' was dropped"
                + System.lineSeparator());
  }

  @Test
  void aMessageIsCutThatWouldFillTheDisk() {
    LogRecord message = new LogRecord(Level.INFO, "x".repeat(1_000_000));
    message.setLoggerName("x");

    assertThat(format.format(message)).hasSizeLessThan(9_000).contains("x... (1000000 characters)");
  }

  @Test
  void anExceptionFollowsItsMessage() {
    LogRecord message = new LogRecord(Level.SEVERE, "Lost.");
    message.setThrown(new IllegalStateException("why"));

    assertThat(format.format(message))
        .contains("SEVERE", "Lost.", "java.lang.IllegalStateException: why", "\tat ");
  }
}
