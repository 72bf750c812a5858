package dev.perdure.engine;

import dev.perdure.engine.functions.FunctionRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that are true in every mode in which an engine can run, each run once in each of them. */
@ParameterizedClass(name = "{0}")
@EnumSource
abstract class Scenarios {
  @Parameter RunMode mode;

  private final List<TestHub> hubs = new ArrayList<>();

  /** A hub of this test, closed after it. */
  final TestHub hub(UnaryOperator<FunctionRegistry.Builder> functions) {
    return hub(options -> options, functions);
  }

  /** A hub of this test with options of its own, closed after it. */
  final TestHub hub(
      UnaryOperator<EngineOptions> options, UnaryOperator<FunctionRegistry.Builder> functions) {
    TestHub hub = new TestHub(options.apply(mode.applyTo(TestHub.OPTIONS)), functions);
    hubs.add(hub);
    return leaveNothingStuck() ? hub : hub.withoutAudit();
  }

  /** True unless the tests break their hubs on purpose. */
  boolean leaveNothingStuck() {
    return true;
  }

  @AfterEach
  final void closeHubs() {
    SoftAssertions.assertSoftly(
        all -> hubs.forEach(hub -> all.assertThatCode(hub::close).doesNotThrowAnyException()));
  }
}
