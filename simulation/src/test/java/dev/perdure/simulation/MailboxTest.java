package dev.perdure.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MailboxTest {
  private final Report report = new Report();
  private final Mailbox mailbox = new Mailbox();

  private void send(int letters) {
    for (int i = 0; i < letters; i++) {
      mailbox.acknowledged(mailbox.next());
    }
  }

  private List<String> violations(String arrived) {
    mailbox.check("m", arrived, report);
    return report.result(0, 0, 0).violations();
  }

  @Test
  void lettersThatArriveInOrderAndSomeTwiceAreAllRight() {
    send(3);
    assertThat(violations("0,1,1,0,2")).isEmpty();
  }

  @Test
  void anAcknowledgedLetterThatIsMissingIsLost() {
    send(2);
    assertThat(violations("0")).singleElement().asString().contains("letter 1", "acknowledged");
  }

  @Test
  void aLetterMustNotOvertakeOneThatWasAcknowledgedBeforeItWasSent() {
    send(2);
    assertThat(violations("1,0")).singleElement().asString().contains("letter 1", "came before");
  }

  @Test
  void aLetterAcknowledgedAfterTheLastOneMayBeTooLate() {
    int late = mailbox.next();
    mailbox.close();
    mailbox.acknowledged(late);
    assertThat(violations("")).isEmpty();
  }
}
