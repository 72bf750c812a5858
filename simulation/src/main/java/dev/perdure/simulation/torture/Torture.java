package dev.perdure.simulation.torture;

import dev.perdure.Perdure;
import dev.perdure.simulation.Directories;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * {@code ./dev torture}: a host on a real disk is killed with SIGKILL again and again, under load,
 * while it starts and while it recovers. In the end everything that was acknowledged has to be
 * there, and to have ended once and right.
 */
public final class Torture {
  /** How long everything may take to end once nobody kills any more. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String USAGE =
      """
      Usage: ./dev torture [--kills N] [--seed N] [--data DIR] [--no-disk]

        --kills N    how often the host is killed (default 20; each takes 1 to 2 s)
        --seed N     chooses the moments (default: another each time)
        --data DIR   where the hub is made (default: a temporary directory); removed if all is well
        --no-disk    leave out the full disk and the directory that cannot be written

      Exit code 0 only if nothing was lost, stuck, ended twice or wrong.
      """;

  private final int kills;
  private final Random random;
  private final PrintStream out;
  private final Ledger ledger = new Ledger();

  private Torture(int kills, long seed, PrintStream out) {
    this.kills = kills;
    this.random = new Random(seed);
    this.out = out;
  }

  /** Runs it; see the usage. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int kills = 20;
    long seed = System.nanoTime();
    Path data = null;
    boolean disk = true;
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--kills" -> kills = Integer.parseInt(arguments[++i]);
        case "--seed" -> seed = Long.parseLong(arguments[++i]);
        case "--data" -> data = Path.of(arguments[++i]);
        case "--no-disk" -> disk = false;
        case "--help", "-h" -> {
          System.out.print(USAGE);
          return;
        }
        default -> {
          System.err.print("torture: unknown option " + arguments[i] + "\n" + USAGE);
          System.exit(2);
        }
      }
    }
    System.exit(run(kills, seed, data, disk, System.out) ? 0 : 1);
  }

  /**
   * Tortures a host.
   *
   * @param data where the hub is made; null for a temporary directory
   * @param disk whether to try a full disk and a directory that cannot be written as well
   * @return whether all is as was promised
   */
  static boolean run(int kills, long seed, @Nullable Path data, boolean disk, PrintStream out)
      throws IOException, InterruptedException {
    Path directory =
        data == null ? Files.createTempDirectory("perdure-torture") : Files.createDirectories(data);
    out.printf("seed %d, hub in %s%n", seed, directory.resolve("hub"));
    Torture torture = new Torture(kills, seed, out);
    List<String> complaints = new ArrayList<>();
    if (disk) {
      complaints.addAll(new BadDisk(directory.resolve("disk"), out).run());
    }
    torture.killAndJudge(directory.resolve("hub"));
    complaints.addAll(torture.ledger.complaints());
    complaints.forEach(out::println);
    if (complaints.isEmpty()) {
      Directories.delete(directory);
    } else {
      out.printf("The hub is left in %s.%n", directory.resolve("hub"));
    }
    out.println(torture.ledger.summary(kills));
    return complaints.isEmpty();
  }

  private void killAndJudge(Path hub) throws IOException, InterruptedException {
    for (int kill = 1; kill <= kills; kill++) {
      Moment moment = kill == 1 ? Moment.UNDER_LOAD : Moment.any(random);
      try (HostProcess host = HostProcess.start(hub, "r" + kill, ledger::heard)) {
        if (!moment.await(host, random)) {
          ledger.heard("error the host did not say what it should (" + moment + ")");
        }
      }
      out.printf(
          "kill %d of %d: %s; %d starts acknowledged so far%n",
          kill, kills, moment.words, ledger.acknowledged());
    }
    try (Perdure perdure = Work.open(hub)) {
      ledger.judge(perdure.client(), PATIENCE);
    }
  }

  /** When a host is killed. */
  private enum Moment {
    WHILE_THE_JVM_STARTS("while the JVM started") {
      @Override
      boolean await(HostProcess host, Random random) {
        pause(random.nextInt(400_000));
        return true;
      }
    },
    WHILE_IT_OPENS_THE_HUB("while it opened the hub") {
      @Override
      boolean await(HostProcess host, Random random) throws InterruptedException {
        boolean said = host.awaitLines(1, line -> line.equals("opening"));
        pause(random.nextInt(300_000));
        return said;
      }
    },
    WHILE_IT_RECOVERS("while it recovered") {
      @Override
      boolean await(HostProcess host, Random random) throws InterruptedException {
        boolean said = host.awaitLines(1, line -> line.equals("open"));
        pause(random.nextInt(30_000));
        return said;
      }
    },
    UNDER_LOAD("under load") {
      @Override
      boolean await(HostProcess host, Random random) throws InterruptedException {
        boolean said =
            host.awaitLines(50 + random.nextInt(200), line -> line.startsWith("started"));
        pause(random.nextInt(10_000));
        return said;
      }
    };

    private static final List<Moment> EARLY =
        List.of(WHILE_THE_JVM_STARTS, WHILE_IT_OPENS_THE_HUB, WHILE_IT_RECOVERS);

    private final String words;

    Moment(String words) {
      this.words = words;
    }

    /** Waits for the moment; returns false if it does not come. */
    abstract boolean await(HostProcess host, Random random) throws InterruptedException;

    private static void pause(long micros) {
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(micros));
    }

    /** Half of the time under load. */
    static Moment any(Random random) {
      return random.nextBoolean() ? UNDER_LOAD : EARLY.get(random.nextInt(EARLY.size()));
    }
  }
}
