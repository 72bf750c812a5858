package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.engine.ActivityStart;
import dev.perdure.testing.LivenessAudit;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A program is killed with SIGKILL again and again, at moments that come from a seed: under load,
 * while it starts, while it recovers. What it was told is compared with what is there in the end.
 */
class KillTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @CsvSource({"STRICT, 6, 2030", "PIPELINED, 4, 2031"})
  void whatWasAcknowledgedEndsOnceAndWell(ActivityStart start, int kills, long seed)
      throws Exception {
    killAndCheck(start, kills, seed);
  }

  @Tag("soak")
  @ParameterizedTest
  @EnumSource
  void whatWasAcknowledgedEndsOnceAndWellAfterManyKills(ActivityStart start) throws Exception {
    long seed = Long.getLong("perdure.seed", System.nanoTime());
    System.out.println("KillTest: -Dperdure.seed=" + seed);
    killAndCheck(start, 60, seed);
  }

  private void killAndCheck(ActivityStart start, int kills, long seed) throws Exception {
    Path hub = temporary.resolve("hub");
    LoadAudit audit = new LoadAudit();
    Random random = new Random(seed);
    for (int kill = 0; kill < kills; kill++) {
      try (ChildProgram program =
          ChildProgram.start(
              audit::heard, LoadProgram.class, hub.toString(), start.name(), "run" + kill)) {
        Moment moment = kill == 0 ? Moment.UNDER_LOAD : Moment.any(random);
        moment.await(program, random);
      }
    }
    assertThat(audit.acknowledgedStarts()).isGreaterThan(100);
    try (Perdure perdure = LoadProgram.open(hub, start, false);
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      audit.check(perdure.client(), start == ActivityStart.STRICT);
    }
  }

  /** When a program is killed. */
  private enum Moment {
    WHILE_THE_JVM_STARTS {
      @Override
      void await(ChildProgram program, Random random) {
        program.letRun(random.nextInt(400_000));
      }
    },
    WHILE_IT_OPENS_THE_HUB {
      @Override
      void await(ChildProgram program, Random random) throws InterruptedException {
        program.awaitLines(1, line -> line.equals("opening"));
        program.letRun(random.nextInt(300_000));
      }
    },
    WHILE_IT_RECOVERS {
      @Override
      void await(ChildProgram program, Random random) throws InterruptedException {
        program.awaitLines(1, line -> line.equals("open"));
        program.letRun(random.nextInt(30_000));
      }
    },
    UNDER_LOAD {
      @Override
      void await(ChildProgram program, Random random) throws InterruptedException {
        program.awaitLines(100 + random.nextInt(200), line -> line.startsWith("started"));
        program.letRun(random.nextInt(10_000));
      }
    };

    abstract void await(ChildProgram program, Random random) throws InterruptedException;

    /** Half of the time under load. */
    static Moment any(Random random) {
      return random.nextBoolean() ? UNDER_LOAD : values()[random.nextInt(UNDER_LOAD.ordinal())];
    }
  }
}
