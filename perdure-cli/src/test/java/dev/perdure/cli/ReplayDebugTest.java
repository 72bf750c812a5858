package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.ClassPrepareRequest;
import dev.perdure.Perdure;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Orchestrator;
import dev.perdure.api.StartOptions;
import dev.perdure.testing.LivenessAudit;
import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code perdure replay --debug}, with a debugger. */
@Timeout(120)
class ReplayDebugTest {
  private static final int EVENT_MILLIS = 60_000;

  /** The code that is looked at. */
  public static final class Greetings {
    @Orchestrator
    String greet(OrchestrationContext ctx, String name) {
      ctx.waitForExternalEvent("go", String.class).await();
      return "Hello, " + name;
    }
  }

  @TempDir Path temp;

  @Test
  void aDebuggerStopsInTheOrchestratorAndSeesWhatItWorkedWith() throws Exception {
    Path hub = temp.resolve("hub");
    try (Perdure perdure = Perdure.embedded(hub).register(new Greetings()).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      perdure.client().startNew("greet", "Ada", StartOptions.id("g-1"));
      perdure.client().waitForStart("g-1", Duration.ofSeconds(30));
    }
    int port = freePort();
    Process replay = start(hub, port);
    try (BufferedReader output = replay.inputReader()) {
      await(output, "Listening for transport dt_socket at address: " + port);

      lookAround(attach(port));

      assertThat(output.lines())
          .anyMatch(line -> line.matches("OK +g-1 +greet +2 +\\S+Greetings\\.greet\\(.+"));
      assertThat(replay.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(replay.exitValue()).isZero();
    } finally {
      replay.descendants().forEach(ProcessHandle::destroyForcibly);
      replay.destroyForcibly();
    }
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Process start(Path hub, int port) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "replay",
            hub.toString(),
            "g-1",
            "--register",
            Greetings.class.getName(),
            "--debug",
            "--port",
            Integer.toString(port))
        .redirectErrorStream(true)
        .start();
  }

  private static void await(BufferedReader output, String wanted) throws Exception {
    StringBuilder seen = new StringBuilder();
    String line;
    while ((line = output.readLine()) != null) {
      seen.append(line).append('\n');
      if (line.equals(wanted)) {
        return;
      }
    }
    throw new AssertionError("It ended before it listened:\n" + seen);
  }

  private static VirtualMachine attach(int port) throws Exception {
    AttachingConnector sockets =
        Bootstrap.virtualMachineManager().attachingConnectors().stream()
            .filter(connector -> connector.name().equals("com.sun.jdi.SocketAttach"))
            .findFirst()
            .orElseThrow();
    Map<String, Connector.Argument> arguments = sockets.defaultArguments();
    arguments.get("hostname").setValue("127.0.0.1");
    arguments.get("port").setValue(Integer.toString(port));
    return sockets.attach(arguments);
  }

  /** Stops where the orchestrator begins, looks at its input, and lets it go on. */
  private static void lookAround(VirtualMachine replay) throws Exception {
    ClassPrepareRequest loaded = replay.eventRequestManager().createClassPrepareRequest();
    loaded.addClassFilter(Greetings.class.getName());
    loaded.enable();
    replay.resume(); // it has waited for us before it began
    ClassPrepareEvent there = await(replay, ClassPrepareEvent.class);
    ReferenceType greetings = there.referenceType();
    replay
        .eventRequestManager()
        .createBreakpointRequest(greetings.methodsByName("greet").getFirst().location())
        .enable();
    replay.resume();

    BreakpointEvent stopped = await(replay, BreakpointEvent.class);
    assertThat(stopped.location().method().name()).isEqualTo("greet");
    assertThat(stopped.thread().frame(0).getArgumentValues())
        .extracting(Object::toString)
        .contains("\"Ada\"");
    replay.dispose(); // nothing holds it any more
  }

  private static <E extends Event> E await(VirtualMachine replay, Class<E> kind) throws Exception {
    while (true) {
      EventSet events = replay.eventQueue().remove(EVENT_MILLIS);
      assertThat(events).as("the next event of the program").isNotNull();
      List<E> found = events.stream().filter(kind::isInstance).map(kind::cast).toList();
      if (!found.isEmpty()) {
        return found.getFirst();
      }
      events.resume();
    }
  }
}
