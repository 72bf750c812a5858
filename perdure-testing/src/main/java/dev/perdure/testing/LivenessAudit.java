package dev.perdure.testing;

import dev.perdure.api.AuditReport;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.PerdureClient;

/**
 * Ends a test of a hub that is not a {@link TestHub} with an {@linkplain PerdureClient#audit()
 * audit}: the test fails if anything is left in the hub that nothing will wake.
 *
 * <pre>{@code
 * try (Perdure perdure = Perdure.embedded(directory).register(new Cities()).start();
 *     LivenessAudit audit = LivenessAudit.of(perdure.client())) {
 *   // the test; the audit is made before the hub is closed
 * }
 * }</pre>
 *
 * <p>A test hub needs none: {@link TestHub#checkNothingIsStuck()} makes it. Not thread-safe.
 */
public final class LivenessAudit implements AutoCloseable {
  private final PerdureClient client;
  private boolean made;

  private LivenessAudit(PerdureClient client) {
    this.client = client;
  }

  /** An audit of a hub, made when this is closed. */
  public static LivenessAudit of(PerdureClient client) {
    return new LivenessAudit(client);
  }

  /**
   * Audits a hub.
   *
   * @throws AssertionError if there is something in it that nothing will wake; says what
   */
  public static void check(PerdureClient client) {
    AuditReport report = client.audit();
    if (!report.isClean()) {
      throw new AssertionError("Something in the hub will never be woken: " + report);
    }
  }

  /**
   * Audits the hub, once: what is closed again does nothing. A test that closes its hub by itself
   * closes this before.
   *
   * @throws AssertionError if there is something in it that nothing will wake, and says what; or if
   *     the hub has been closed by now, so that nothing can be said of it
   */
  @Override
  public void close() {
    if (made) {
      return;
    }
    made = true;
    try {
      check(client);
    } catch (HubClosedException e) {
      throw new AssertionError(
          "The hub was closed before it was audited. Close the LivenessAudit first, then the hub.",
          e);
    }
  }
}
