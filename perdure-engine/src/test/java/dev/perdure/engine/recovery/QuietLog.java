package dev.perdure.engine.recovery;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps the log quiet about crashes, which are what these tests are made of. */
public final class QuietLog implements BeforeAllCallback, AfterAllCallback {
  private static final Logger PERDURE = Logger.getLogger("dev.perdure");

  private Level before;

  @Override
  public void beforeAll(ExtensionContext context) {
    before = PERDURE.getLevel();
    PERDURE.setLevel(Level.OFF);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    PERDURE.setLevel(before);
  }
}
