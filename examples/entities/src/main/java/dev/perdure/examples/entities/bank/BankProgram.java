package dev.perdure.examples.entities.bank;

import dev.perdure.Perdure;
import dev.perdure.examples.entities.bank.Bank.Outcome;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/**
 * The bank in a process of its own, which may be killed at any moment: opens the hub, works, and
 * tells what has been acknowledged, a line each. Ends when all is done.
 */
final class BankProgram {
  private BankProgram() {}

  /** Arguments: directory, accounts, transfers, transfers at once. */
  public static void main(String[] arguments) throws InterruptedException {
    endWithWhoeverStartedThis();
    Work work =
        new Work(
            Integer.parseInt(arguments[1]),
            Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]));
    PrintStream out = System.out;
    Report.OPENING.say(out, "");
    try (Perdure perdure = Bank.register(Perdure.embedded(Path.of(arguments[0]))).start()) {
      Report.OPEN.say(out, "");
      work.open(perdure.client());
      Thread auditor =
          Thread.ofVirtual()
              .start(() -> Report.AUDIT.say(out, String.valueOf(work.audit(perdure.client()))));
      work.run(perdure.client(), new Teller(out));
      auditor.join();
    }
    System.exit(0);
  }

  private static void endWithWhoeverStartedThis() {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // nothing is ever said to this process
                }
              } catch (IOException e) {
                // as good as the end
              }
              Runtime.getRuntime().halt(1);
            });
  }

  /** Tells of transfers. */
  private record Teller(PrintStream out) implements Work.Listener {
    @Override
    public void ended(int number, Outcome outcome) {
      Report.ENDED.say(out, number + " " + outcome);
    }

    @Override
    public void found(int number, Outcome outcome) {
      Report.FOUND.say(out, number + " " + outcome);
    }
  }

  /** What the process tells. */
  enum Report {
    /** It is about to open the hub. */
    OPENING,
    /** The hub is open, and goes on with what it finds. */
    OPEN,
    /** All accounts were added up: the total. */
    AUDIT,
    /** A transfer had ended before: number and outcome. */
    FOUND,
    /** A transfer has ended: number and outcome. */
    ENDED;

    /** How every whole line ends; a kill may cut off the last one. */
    static final String END_OF_LINE = " .";

    void say(PrintStream out, String what) {
      String line = name() + " " + what + END_OF_LINE + "\n";
      synchronized (out) {
        out.print(line);
        out.flush();
      }
    }
  }
}
