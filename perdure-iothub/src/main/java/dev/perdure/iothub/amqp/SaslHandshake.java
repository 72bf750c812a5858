package dev.perdure.iothub.amqp;

import java.nio.charset.StandardCharsets;
import org.apache.qpid.proton.engine.Sasl;
import org.apache.qpid.proton.engine.SaslListener;
import org.apache.qpid.proton.engine.Transport;

/** The server's side of SASL: who says who they are later, by a token, is let in. */
final class SaslHandshake implements SaslListener {
  private static final String PLAIN = "PLAIN";

  private final Authorization authorization;

  SaslHandshake(Authorization authorization) {
    this.authorization = authorization;
  }

  /** Has a transport do it. */
  void install(Transport transport) {
    Sasl sasl = transport.sasl();
    sasl.server();
    sasl.allowSkip(true);
    sasl.setMechanisms("MSSBCBS", PLAIN, "ANONYMOUS");
    sasl.setListener(this);
  }

  @Override
  public void onSaslInit(Sasl sasl, Transport transport) {
    String[] chosen = sasl.getRemoteMechanisms();
    byte[] response = new byte[sasl.pending()];
    sasl.recv(response, 0, response.length);
    boolean isPlain = chosen.length > 0 && PLAIN.equals(chosen[0]);
    sasl.done(
        !isPlain || isRight(response)
            ? Sasl.SaslOutcome.PN_SASL_OK
            : Sasl.SaslOutcome.PN_SASL_AUTH);
  }

  /** RFC 4616: identity, name and password, with a zero byte between them. */
  private boolean isRight(byte[] response) {
    String[] parts = new String(response, StandardCharsets.UTF_8).split("\0", -1);
    return parts.length == 3 && authorization.offerKey(parts[1], parts[2]);
  }

  @Override
  public void onSaslMechanisms(Sasl sasl, Transport transport) {
    // for clients
  }

  @Override
  public void onSaslChallenge(Sasl sasl, Transport transport) {
    // for clients
  }

  @Override
  public void onSaslResponse(Sasl sasl, Transport transport) {
    // no mechanism that is offered has a challenge
  }

  @Override
  public void onSaslOutcome(Sasl sasl, Transport transport) {
    // for clients
  }
}
