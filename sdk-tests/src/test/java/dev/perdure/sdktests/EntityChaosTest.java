package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bank in JavaScript: transfers lock two accounts, which are entities. Workers and the server are
 * killed; in the end the books have to be right, every transfer is in them once, and no account is
 * locked.
 */
class EntityChaosTest {
  @TempDir Path directory;
  private final List<Program> programs = new ArrayList<>();
  private ServerProcess server;
  private Path scripts;

  @BeforeEach
  void startServer() throws Exception {
    Node.assumeInstalled();
    scripts = Node.install(Path.of("js").toAbsolutePath(), "js");
    server = ServerProcess.start(directory.resolve("store"));
  }

  @AfterEach
  void endAll() throws Exception {
    for (Program program : programs) {
      program.kill();
    }
    if (server != null) {
      server.close();
      server.audit();
    }
  }

  @Test
  void workersThatAreKilled() throws Exception {
    Program bank = run("client.mjs");
    for (int done : List.of(10, 35)) {
      Program one = run("worker.mjs");
      Program two = run("worker.mjs");
      bank.await("ended " + done);
      one.kill();
      two.kill();
    }
    run("worker.mjs");

    bank.await("the books are right");
  }

  @Test
  void aServerThatIsKilled() throws Exception {
    Program one = run("worker.mjs");
    Program two = run("worker.mjs");
    Program bank = run("client.mjs");
    for (int done : List.of(10, 35)) {
      bank.await("ended " + done);
      server.killAndRestart();
    }

    bank.await("the books are right");
    assertThat(one.isAlive() && two.isAlive()).isTrue();
  }

  private Program run(String script) throws IOException {
    ProcessBuilder builder = Node.command(scripts, List.of("node", "chaos/" + script));
    builder.environment().put("PERDURE_ADDRESS", "127.0.0.1:" + server.port());
    Program program = new Program(builder.redirectErrorStream(true).start());
    programs.add(program);
    return program;
  }

  /** A program that says how far it is. */
  private static final class Program {
    private static final String END = "(it has ended)";

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    Program(Process process) {
      this.process = process;
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (BufferedReader output = process.inputReader()) {
        output.lines().forEach(lines::add);
      } catch (UncheckedIOException | IOException e) {
        // It was killed.
      }
      lines.add(END);
    }

    void await(String wanted) throws InterruptedException {
      List<String> said = new ArrayList<>();
      while (true) {
        String line = lines.poll(100, TimeUnit.SECONDS);
        if (wanted.equals(line)) {
          return;
        }
        said.add(line);
        if (line == null || line.equals(END)) {
          throw new AssertionError("Waited in vain for '%s'. It says: %s".formatted(wanted, said));
        }
      }
    }

    boolean isAlive() {
      return process.isAlive();
    }

    /** Ends it with SIGKILL. */
    void kill() throws InterruptedException {
      process.toHandle().destroyForcibly();
      process.waitFor();
    }
  }
}
