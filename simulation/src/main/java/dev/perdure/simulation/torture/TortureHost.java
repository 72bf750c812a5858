package dev.perdure.simulation.torture;

import dev.perdure.Perdure;
import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that works on a hub until it is killed, and tells on its standard output what it was
 * told: {@code started ID}, {@code raised ID NUMBER}, {@code signaled}, {@code completed ID TIME}.
 */
final class TortureHost {
  /** How every whole line ends; a kill may cut off the last one. */
  static final String END_OF_LINE = " .";

  private static final int THREADS = 3;
  private static final int LETTERS = 3;

  private TortureHost() {}

  /** Arguments: the hub's directory, and a name that no other run has. */
  public static void main(String[] arguments) throws IOException {
    say("opening");
    Perdure perdure = Work.open(Path.of(arguments[0]));
    say("open");
    for (int i = 0; i < THREADS; i++) {
      String name = arguments[1] + "." + i;
      Thread.ofPlatform().daemon().start(() -> workForEver(perdure.client(), name));
    }
    int read = System.in.read(); // until whoever started this is gone
    Runtime.getRuntime().halt(read < 0 ? 0 : 1);
  }

  static void say(String what) {
    String line = what + END_OF_LINE + "\n";
    synchronized (System.out) {
      System.out.print(line);
      System.out.flush();
    }
  }

  private static void workForEver(PerdureClient client, String name) {
    try {
      for (int round = 0; true; round++) {
        List<String> ids = new ArrayList<>();
        for (String kind : Work.KINDS) {
          String id = kind + "-" + name + "." + round;
          client.startNew(kind, null, StartOptions.id(id));
          say("started " + id);
          ids.add(id);
        }
        client.signalEntity(new EntityId("counter", "clients"), "add", 1);
        say("signaled");
        for (String id : ids) {
          boolean ends = true;
          if (Work.kind(id).equals("mail")) {
            ends = sendLetters(client, id, round % 2 == 0);
          }
          if (ends) {
            OrchestrationMetadata end = client.waitForCompletion(id, Duration.ofMinutes(1));
            say("completed " + id + " " + end.completedAt());
          }
        }
      }
    } catch (RuntimeException | Error e) {
      say("error " + e);
      throw e;
    }
  }

  private static boolean sendLetters(PerdureClient client, String id, boolean toTheEnd) {
    for (int letter = 1; letter <= LETTERS; letter++) {
      client.raiseEvent(id, "letter", letter);
      say("raised " + id + " " + letter);
    }
    if (toTheEnd) {
      client.raiseEvent(id, "letter", Work.LAST);
    }
    return toTheEnd;
  }
}
