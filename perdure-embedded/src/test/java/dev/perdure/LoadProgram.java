package dev.perdure;

import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.engine.ActivityStart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens a hub, works until it is killed, and tells what was acknowledged: {@code started ID},
 * {@code raised ID NUMBER}, {@code completed ID TIME}; and which activities ran.
 */
final class LoadProgram {
  private static final int THREADS = 4;
  private static final int LETTERS = 3;

  private LoadProgram() {}

  /** A hub with the functions of {@link Load}. */
  static Perdure open(Path directory, ActivityStart start, boolean tells) {
    return Perdure.embedded(directory)
        .storeOptions(Hubs::small)
        .options(options -> options.withActivityStart(start))
        .register(new Load(tells))
        .start();
  }

  /** Arguments: directory, when activities start, name of this run; "idle" for no work. */
  public static void main(String[] arguments) throws IOException {
    ChildProgram.say("opening");
    Perdure perdure =
        open(Path.of(arguments[0]), ActivityStart.valueOf(arguments[1]), arguments.length < 4);
    ChildProgram.say("open");
    if (arguments.length < 4) {
      for (int i = 0; i < THREADS; i++) {
        String name = arguments[2] + "-" + i;
        Thread.ofPlatform().daemon().start(() -> workForEver(perdure.client(), name));
      }
    }
    System.in.read(); // until whoever started this is gone
    Runtime.getRuntime().halt(0);
  }

  private static void workForEver(PerdureClient client, String name) {
    try {
      for (int round = 0; true; round++) {
        List<String> ids = new ArrayList<>();
        for (String kind : Load.KINDS) {
          ids.add(start(client, kind, kind + "-" + name + "-" + round));
        }
        for (String id : ids) {
          if (Load.kind(id).equals("mail")) {
            sendLetters(client, id, round % 2 == 0);
          } else {
            complete(client, id);
          }
        }
      }
    } catch (RuntimeException | Error e) {
      ChildProgram.say("error " + e);
      throw e;
    }
  }

  private static String start(PerdureClient client, String kind, String id) {
    client.startNew(kind, null, StartOptions.id(id));
    ChildProgram.say("started " + id);
    return id;
  }

  private static void sendLetters(PerdureClient client, String id, boolean toTheEnd) {
    for (int letter = 1; letter <= LETTERS; letter++) {
      client.raiseEvent(id, "letter", letter);
      ChildProgram.say("raised " + id + " " + letter);
    }
    if (toTheEnd) {
      client.raiseEvent(id, "letter", Load.LAST);
      complete(client, id);
    }
  }

  private static void complete(PerdureClient client, String id) {
    OrchestrationMetadata end = client.waitForCompletion(id, Hubs.PATIENCE);
    ChildProgram.say("completed " + id + " " + end.completedAt());
  }
}
