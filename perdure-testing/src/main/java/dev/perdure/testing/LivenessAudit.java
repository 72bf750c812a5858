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
 * <p>A test hub needs none: {@link TestHub#checkNothingIsStuck()} makes it.
 */
public final class LivenessAudit implements AutoCloseable {
  private final PerdureClient client;

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
   * Audits the hub; one that has been closed by now is left alone.
   *
   * @throws AssertionError if there is something in it that nothing will wake; says what
   */
  @Override
  public void close() {
    try {
      check(client);
    } catch (HubClosedException e) {
      // the test has closed it, and what it wanted to know of it, it has asked
    }
  }
}
