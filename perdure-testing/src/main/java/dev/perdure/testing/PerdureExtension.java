package dev.perdure.testing;

import dev.perdure.api.PerdureClient;
import dev.perdure.engine.functions.FunctionRegistry;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Opens a {@link TestHub} for every test, and closes it afterwards. If the test succeeded, checks
 * that {@linkplain TestHub#checkNothingIsStuck() nothing is stuck} in it.
 *
 * <pre>{@code
 * @RegisterExtension
 * PerdureExtension perdure = PerdureExtension.with(hub -> hub.register(new Cities()));
 *
 * @Test
 * void greets(TestHub hub) {
 *   assertEquals("Hello, Tokyo", hub.run("helloCities", "Tokyo", String.class));
 * }
 * }</pre>
 *
 * <p>With {@code @ExtendWith(PerdureExtension.class)} the functions are those of the test class
 * itself: its annotated methods.
 *
 * <p>Tests and methods that are run around them may take the {@link TestHub} or its {@link
 * PerdureClient} as a parameter.
 */
public final class PerdureExtension
    implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(PerdureExtension.class);

  private final @Nullable UnaryOperator<TestHub.Builder> settings;
  private final boolean checked;
  private volatile @Nullable TestHub latest;

  /** Registers the functions of the test class; for {@code @ExtendWith}. */
  public PerdureExtension() {
    this(null, true);
  }

  private PerdureExtension(@Nullable UnaryOperator<TestHub.Builder> settings, boolean checked) {
    this.settings = settings;
    this.checked = checked;
  }

  /** Hubs with these functions and settings; for {@code @RegisterExtension}. */
  public static PerdureExtension with(UnaryOperator<TestHub.Builder> settings) {
    return new PerdureExtension(settings, true);
  }

  /** The same, but a test may leave behind what is stuck. */
  public PerdureExtension withoutFinalCheck() {
    return new PerdureExtension(settings, false);
  }

  /**
   * The hub of the test that runs. Where several run at once, take it as a parameter instead.
   *
   * @throws IllegalStateException outside a test
   */
  public TestHub hub() {
    TestHub hub = latest;
    if (hub == null) {
      throw new IllegalStateException(
          "There is no hub outside a test. Is the field of the extension annotated with"
              + " @RegisterExtension?");
    }
    return hub;
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    latest = hubOf(context);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    TestHub hub = hubOf(context);
    latest = null;
    try (hub) {
      if (checked && !hub.isClosed() && context.getExecutionException().isEmpty()) {
        hub.checkNothingIsStuck();
      }
    }
  }

  /** Extensions of a test do not share a hub, nor do tests. */
  private TestHub hubOf(ExtensionContext context) {
    return context.getStore(NAMESPACE).computeIfAbsent(this, key -> open(context), TestHub.class);
  }

  private TestHub open(ExtensionContext context) {
    if (settings != null) {
      return settings.apply(TestHub.builder()).open();
    }
    TestHub.Builder builder = TestHub.builder();
    Object test = context.getRequiredTestInstance();
    if (FunctionRegistry.hasFunctions(test.getClass())) {
      builder.register(test);
    }
    return builder.open();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return context.getTestMethod().isPresent()
        && (type == TestHub.class || type == PerdureClient.class);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    TestHub hub = hubOf(context);
    return parameter.getParameter().getType() == TestHub.class ? hub : hub.client();
  }
}
