package dev.perdure;

import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import java.io.IOException;
import java.nio.file.Path;

/** Opens a hub and works with entities until it is killed; tells what was acknowledged. */
final class BankProgram {
  private BankProgram() {}

  /** Arguments: directory, name of this run. */
  public static void main(String[] arguments) throws IOException {
    Perdure perdure = Bank.open(Path.of(arguments[0]));
    ChildProgram.say("open");
    for (int worker = 0; worker < 3; worker++) {
      String name = arguments[1] + "-" + worker;
      Thread.ofPlatform().daemon().start(() -> workForEver(perdure.client(), name));
    }
    System.in.read(); // until whoever started this is gone
    Runtime.getRuntime().halt(0);
  }

  private static void workForEver(PerdureClient client, String name) {
    for (int i = 0; true; i++) {
      client.signalEntity(Bank.tally(name), Bank.Tally::take, i);
      ChildProgram.say("signaled " + name + " " + i);
      if (i % 4 == 0) {
        String id = "transfer-" + name + "-" + i;
        client.startNew("transfer", i, StartOptions.id(id));
        ChildProgram.say("started " + id);
      }
    }
  }
}
