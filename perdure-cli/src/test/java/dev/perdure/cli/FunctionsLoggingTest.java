package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.settings.LogLevel;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which messages are shown. */
class FunctionsLoggingTest {
  private static final Logger ROOT = Logger.getLogger("");
  private static final Logger FUNCTIONS = Logger.getLogger("Function");
  private static final Logger HOST = Logger.getLogger("dev.perdure.functions.OfATest");
  private static final Logger HELLO = Logger.getLogger("Function.Hello.User");
  private static final Logger OTHER = Logger.getLogger("Function.Other.User");

  private final Level root = ROOT.getLevel();
  private final Level functions = FUNCTIONS.getLevel();

  @BeforeEach
  void asWithoutHostJson() {
    ROOT.setLevel(Level.WARNING);
    FUNCTIONS.setLevel(Level.INFO);
  }

  @AfterEach
  void asBefore() {
    FunctionsLogging.levels(Map.of());
    ROOT.setLevel(root);
    FUNCTIONS.setLevel(functions);
  }

  @Test
  void theDefaultIsForTheHostAndForFunctions() {
    FunctionsLogging.levels(Map.of("default", LogLevel.ERROR));
    assertThat(least(HOST)).isEqualTo(Level.SEVERE);
    assertThat(least(HELLO)).isEqualTo(Level.SEVERE);

    FunctionsLogging.levels(Map.of("Default", LogLevel.TRACE));
    assertThat(least(HOST)).isEqualTo(Level.FINEST);
    assertThat(least(HELLO)).isEqualTo(Level.FINEST);
  }

  @Test
  void categoriesOfFunctionsGoBeforeTheDefault() {
    FunctionsLogging.levels(
        Map.of(
            "default", LogLevel.ERROR,
            "Function", LogLevel.WARNING,
            "Function.Hello", LogLevel.DEBUG));

    assertThat(least(HOST)).isEqualTo(Level.SEVERE);
    assertThat(least(OTHER)).isEqualTo(Level.WARNING);
    assertThat(least(HELLO)).isEqualTo(Level.CONFIG);
  }

  @Test
  void levelsThatAreTakenOutNoLongerCount() {
    FunctionsLogging.levels(Map.of("default", LogLevel.NONE, "Function.Hello", LogLevel.TRACE));
    FunctionsLogging.levels(Map.of("Function.Other", LogLevel.ERROR));

    assertThat(least(HOST)).isEqualTo(Level.WARNING);
    assertThat(least(HELLO)).isEqualTo(Level.INFO);
    assertThat(least(OTHER)).isEqualTo(Level.SEVERE);
  }

  /** The level from which on a logger takes messages. */
  private static Level least(Logger logger) {
    Logger at = logger;
    while (at.getLevel() == null) {
      at = at.getParent();
    }
    return at.getLevel();
  }
}
