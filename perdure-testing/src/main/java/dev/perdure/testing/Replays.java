package dev.perdure.testing;

import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.Problem;
import dev.perdure.engine.orchestrator.ReplayCheck;
import dev.perdure.json.HistoryFormatException;
import dev.perdure.json.HistoryJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks code against histories that were recorded: whether instances that are under way in a hub
 * could go on with it. For a deployment, before it is one.
 *
 * <pre>{@code
 * Replays.check(TestHub.builder().register(new Orders()), Path.of("src/test/histories"));
 * }</pre>
 *
 * <p>Only orchestrators run, and nothing that they ask for happens.
 */
public final class Replays {
  private Replays() {}

  /**
   * Writes an instance's history to a file. Its directory is made if need be.
   *
   * @param client of any hub
   */
  public static void export(PerdureClient client, String instanceId, Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, HistoryJson.write(instanceId, client.history(instanceId)));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The history of '%s' could not be written".formatted(instanceId), e);
    }
  }

  /**
   * Replays one history, or all of a directory.
   *
   * @param program the code there is now
   * @param fileOrDirectory a file, or a directory of files whose names end with {@code .json}
   * @return how many histories were replayed
   * @throws AssertionError if the code does something else than a history says, or a file is no
   *     history, or there is none; the message says which, and where it differs
   */
  public static int check(TestHub.Builder program, Path fileOrDirectory) {
    if (!Files.exists(fileOrDirectory)) {
      throw new AssertionError(
          "There is no file or directory '%s', so nothing was checked. Record histories there with Replays.export, which makes the directory: Replays.export(client, instanceId, Path.of(\"%s\"))."
              .formatted(fileOrDirectory, example(fileOrDirectory)));
    }
    List<Path> files = files(fileOrDirectory);
    if (files.isEmpty()) {
      throw new AssertionError(
          "There is no file in %s whose name ends with .json, so nothing was checked."
              .formatted(fileOrDirectory));
    }
    List<String> wrong = new ArrayList<>();
    for (Path file : files) {
      try {
        check(program, Files.readString(file));
      } catch (AssertionError e) {
        wrong.add("%s: %s".formatted(file.getFileName(), e.getMessage()));
      } catch (IOException e) {
        wrong.add("%s cannot be read: %s".formatted(file, e));
      }
    }
    if (!wrong.isEmpty()) {
      throw new AssertionError(
          "%d of %d histories cannot go on with this code:\n  - %s"
              .formatted(wrong.size(), files.size(), String.join("\n  - ", wrong)));
    }
    return files.size();
  }

  private static Path example(Path missing) {
    return missing.toString().endsWith(".json") ? missing : missing.resolve("one.json");
  }

  private static List<Path> files(Path fileOrDirectory) {
    if (!Files.isDirectory(fileOrDirectory)) {
      return List.of(fileOrDirectory);
    }
    try (Stream<Path> entries = Files.list(fileOrDirectory)) {
      return entries.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Replays a history.
   *
   * @param program the code there is now
   * @param json what {@link HistoryJson} wrote
   * @throws AssertionError if the code does something else than the history says, or it is no
   *     history; the message says where
   */
  public static void check(TestHub.Builder program, String json) {
    HistoryJson.Document document;
    try {
      document = HistoryJson.read(json);
    } catch (HistoryFormatException e) {
      throw new AssertionError(e.getMessage(), e);
    }
    if (document.events().isEmpty()
        || !(document.events().getFirst() instanceof ExecutionStarted)) {
      throw new AssertionError(
          "The history of '%s' does not begin with ExecutionStarted; a part of one cannot be checked."
              .formatted(document.instanceId()));
    }
    Problem problem;
    try {
      problem =
          ReplayCheck.run(
                  program.functions(),
                  program.converter(),
                  document.instanceId(),
                  document.events(),
                  program.patience())
              .problem();
    } catch (IllegalStateException e) {
      throw new AssertionError(e.getMessage(), e);
    }
    if (problem != null) {
      throw new AssertionError("%s: %s".formatted(problem.kind(), problem.message()));
    }
  }
}
