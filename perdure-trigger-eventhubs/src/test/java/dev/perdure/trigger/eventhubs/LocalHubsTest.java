package dev.perdure.trigger.eventhubs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.Direction;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.Settings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LocalHubsTest {
  private static final String EMULATOR =
      "Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true";

  private final Map<String, String> settings = new HashMap<>();

  @Test
  void appThatReadsDevicesFromThisMachine() {
    settings.put("Hub", EMULATOR);
    assertThat(of(reader("F", "messages/events", "Hub", "")))
        .isEqualTo(
            new LocalHubs(
                "localhost", 5672, "messages/events", Map.of("messages/events", Set.of())));
  }

  @Test
  void hubOfTheConnectionStringHasTheMessagesOfDevices() {
    settings.put("Hub", EMULATOR + ";EntityPath=my-hub");
    LocalHubs hubs = of(reader("F", "messages/events", "Hub", "jobs"));
    assertThat(hubs.deviceHub()).isEqualTo("my-hub");
    assertThat(hubs.hubs()).isEqualTo(Map.of("my-hub", Set.of("jobs")));
  }

  @Test
  void hubOfDevicesIsKnownFromASettingToo() {
    settings.put("Hub", EMULATOR + ";EntityPath=my-hub");
    settings.put("EVENTS", "Messages/Events");
    assertThat(of(reader("F", "%EVENTS%", "Hub", "")).deviceHub()).isEqualTo("my-hub");
  }

  @Test
  void namesOfHubsAreTheSameInUpperAndLowerCase() {
    settings.put("Hub", EMULATOR);
    assertThat(of(reader("F", "orders", "Hub", "a"), reader("G", "Orders", "Hub", "b")).hubs())
        .isEqualTo(Map.of("orders", Set.of("a", "b")));
  }

  @Test
  void otherHubsAndGroupsAreGathered() {
    settings.put("Hub", EMULATOR.replace("localhost", "localhost:5699"));
    LocalHubs hubs =
        of(
            reader("F", "orders", "Hub", "a"),
            reader("G", "orders", "Hub", "b"),
            new FunctionDefinition(
                "H",
                "c",
                "m",
                List.of(
                    new Binding("httpTrigger", Direction.IN, "r", Map.of()),
                    new Binding(
                        "eventHub",
                        Direction.OUT,
                        "o",
                        Map.of("eventHubName", "results", "connection", "Hub"))),
                null));
    assertThat(hubs)
        .isEqualTo(
            new LocalHubs(
                "localhost", 5699, null, Map.of("orders", Set.of("a", "b"), "results", Set.of())));
  }

  @Test
  void whatIsElsewhereOrSwitchedOffOrMissingIsNotExpectedHere() {
    settings.put("Cloud", EMULATOR.replace(";UseDevelopmentEmulator=true", ""));
    settings.put("Hub", EMULATOR);
    settings.put("AzureWebJobs.Off.Disabled", "true");
    assertThat(
            of(
                reader("F", "h", "Cloud", ""),
                reader("G", "h", "Missing", ""),
                reader("Off", "h", "Hub", "")))
        .isNull();
  }

  private LocalHubs of(FunctionDefinition... functions) {
    return LocalHubs.of(List.of(functions), Settings.of(settings));
  }

  private static FunctionDefinition reader(
      String name, String hub, String connection, String group) {
    return new FunctionDefinition(
        name,
        "c",
        "m",
        List.of(
            new Binding(
                "eventHubTrigger",
                Direction.IN,
                "e",
                Map.of("eventHubName", hub, "connection", connection, "consumerGroup", group))),
        null);
  }
}
