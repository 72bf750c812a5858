package dev.perdure.cli;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import javax.management.Attribute;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Lets functions of an app compute for long. Virtual threads that compute keep the threads of the
 * system below them, of which the JDK has one for each processor: a few such functions would stop
 * all others, and health checks too. A virtual thread with nothing to do is started now and then;
 * when it does not get its turn, there are more threads for a while. They make everything else
 * dearer, so there are none without need.
 */
final class CarrierThreads {
  private static final System.Logger LOG = System.getLogger("dev.perdure.cli");
  private static final String PARALLELISM = "jdk.virtualThreadScheduler.parallelism";
  private static final Duration LOOK = Duration.ofMillis(200);

  private volatile boolean answered = true;

  private CarrierThreads() {}

  /** Looks from now on, unless the number of threads was chosen. */
  static void watch() {
    if (System.getProperty(PARALLELISM) == null) {
      Thread unused =
          Thread.ofPlatform()
              .daemon()
              .name("perdure-carriers")
              .start(() -> new CarrierThreads().run());
    }
  }

  private void run() {
    Need need = new Need(Runtime.getRuntime().availableProcessors());
    while (true) {
      LockSupport.parkNanos(LOOK.toNanos());
      boolean inTime = answered;
      int before = need.threads();
      int threads = need.look(inTime);
      try {
        if (threads != before && !set(threads, before)) {
          return;
        }
        if (inTime) {
          answered = false;
          Thread unused = Thread.startVirtualThread(() -> answered = true);
        }
      } catch (RuntimeException | Error e) { // such as too little memory
        LOG.log(System.Logger.Level.DEBUG, "The threads of functions cannot be looked after", e);
      }
    }
  }

  private static boolean set(int threads, int before) {
    try {
      MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
      beans.setAttribute(
          new ObjectName("jdk.management:type=VirtualThreadScheduler"),
          new Attribute("Parallelism", threads));
      LOG.log(
          threads > before ? System.Logger.Level.INFO : System.Logger.Level.DEBUG,
          "Functions {0}: {1} threads share the processors, where it was {2}.",
          threads > before ? "compute for long" : "do not compute for long any more",
          threads,
          before);
      return true;
    } catch (InstanceNotFoundException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Functions compute for long, and others wait until they are done. From JDK 24 on there would be more threads for them by themselves; on this one, set the number with PERDURE_JAVA_OPTS=-D{0}=64.",
          PARALLELISM);
      return false;
    } catch (JMException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "There cannot be more threads for functions that compute",
          e);
      return false;
    }
  }

  /** How many threads there should be. Knows no time: it is asked at regular intervals. */
  static final class Need {
    static final int MOST = 64;

    /** So many looks without an answer mean that there are too few threads. */
    static final int PATIENCE = 5;

    /** So many looks with an answer are to pass before it is tried with fewer again. */
    static final int HOLD = 150;

    static final int HOLD_MOST = 3_000;

    /** Who has to have more within so many looks after there were fewer still needed them. */
    static final int SOON = 25;

    private final int least;
    private int threads;
    private int unanswered;
    private int calm = SOON;
    private int hold = HOLD;

    Need(int least) {
      this.least = least;
      this.threads = least;
    }

    int threads() {
      return threads;
    }

    /**
     * Looks once more.
     *
     * @param answered whether a thread that was started at the last look but for nothing else to do
     *     has had its turn
     * @return how many threads there should be from now on
     */
    int look(boolean answered) {
      if (answered) {
        unanswered = 0;
        calm++;
        if (threads > least && calm >= hold) {
          threads = least;
          calm = 0;
        }
      } else if (++unanswered >= (threads == least ? PATIENCE : 1) && threads < MOST) {
        if (threads == least) {
          hold = calm < SOON ? Math.min(2 * hold, HOLD_MOST) : HOLD;
        }
        threads = Math.min(2 * threads, MOST);
        calm = 0;
      }
      return threads;
    }
  }
}
