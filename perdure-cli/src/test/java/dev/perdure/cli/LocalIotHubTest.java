package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.iothub.IotHubOptions;
import dev.perdure.iothub.event.HubSettings;
import dev.perdure.trigger.eventhubs.LocalHubs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hub that is started beside an app. */
class LocalIotHubTest {
  @TempDir Path directory;

  private static LocalHubs wanted(
      int port, @Nullable String deviceHub, Map<String, Set<String>> hubs) {
    return new LocalHubs("localhost", port, deviceHub, hubs);
  }

  private IotHubOptions options(@Nullable String deviceHub, Map<String, Set<String>> hubs) {
    return LocalIotHub.options(wanted(5672, deviceHub, hubs), directory);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The connection string of the local hub names it, whatever the binding says. */
  @ParameterizedTest
  @ValueSource(strings = {"iothub", "IotHub"})
  void anAppThatNamesTheHubOfDevicesByItsNameHasIt(String name) throws IOException {
    LocalHubs wanted = wanted(freePort(), null, Map.of(name, Set.of("jobs")));
    List<String> notes = new ArrayList<>();

    try (LocalIotHub hub = LocalIotHub.start(wanted, directory, notes::add)) {
      assertThat(hub).as("%s", notes).isNotNull();
    }
    assertThat(options(null, wanted.hubs()).hub().consumerGroups()).containsExactly("jobs");
    assertThat(options(null, wanted.hubs()).eventHubs()).isEmpty();
  }

  @Test
  void groupsOfTheHubOfDevicesAreGatheredUnderAllItsNames() {
    IotHubOptions options =
        options(
            "my-hub",
            Map.of("My-Hub", Set.of("a"), "messages/events", Set.of("b"), "orders", Set.of("c")));

    assertThat(options.hub()).isEqualTo(new HubSettings("my-hub", 0, List.of("a", "b")));
    assertThat(options.eventHubs()).containsExactly(new HubSettings("orders", 0, List.of("c")));
  }
}
