package dev.perdure.databases;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A database server that a test starts, as a user who is not root. */
final class ServerProcess {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;

  private ServerProcess(Process process) {
    this.process = process;
  }

  /** What tells whether a server is ready. */
  @FunctionalInterface
  interface Probe {
    void connect() throws SQLException;
  }

  /** Starts a server and waits until it lets somebody in. */
  static ServerProcess start(
      String user, Path directory, Path log, Probe probe, String... command) {
    try {
      Process process =
          new ProcessBuilder(as(user, command))
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      // A test run that is broken off leaves no server behind.
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (true) {
        try {
          probe.connect();
          return new ServerProcess(process);
        } catch (SQLException e) {
          if (!process.isAlive() || System.nanoTime() > deadline) {
            process.destroyForcibly();
            throw new IllegalStateException(
                "The server does not start:\n" + Files.readString(log), e);
          }
          Thread.sleep(20);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs a command to its end. */
  static void run(String user, Path directory, String... command) {
    try {
      Path output = Files.createTempFile("output", ".txt");
      Process process =
          new ProcessBuilder(as(user, command))
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IllegalStateException(command[0] + " failed:\n" + Files.readString(output));
      }
      Files.delete(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The command, run as a user if this is root; without a process in between. */
  private static List<String> as(String user, String... command) {
    List<String> all = new ArrayList<>();
    if (isRoot()) {
      all.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"));
    }
    all.addAll(List.of(command));
    return all;
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  /** A directory that belongs to a user. */
  static Path directory(String prefix, String user) {
    try {
      Path directory = Files.createTempDirectory(prefix);
      if (isRoot()) {
        Files.setOwner(
            directory,
            directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user));
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A port that is free. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a signal and waits for the end. */
  void stop(String signal) {
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("The server does not stop.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
