package dev.perdure.trigger.eventhubs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.Direction;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventHubConnectionTest {
  private static final String PLAIN =
      "Endpoint=sb://Example.servicebus.windows.net/;SharedAccessKeyName=reader;SharedAccessKey=secret=";

  @Test
  void hubOfTheConnectionStringWinsOverThatOfTheBinding() {
    EventHubConnection connection =
        of("IoTHubConnectionString", PLAIN + ";EntityPath=compatible", "messages/events");
    assertThat(connection.hub()).isEqualTo("compatible");
    assertThat(connection.host()).isEqualTo("example.servicebus.windows.net");
    assertThat(connection.isEmulator()).isFalse();
  }

  @Test
  void hubOfTheBindingIsPutIntoTheConnectionString() {
    EventHubConnection connection = of("C", PLAIN, "%HUB%");
    assertThat(connection.hub()).isEqualTo("telemetry");
    assertThat(connection.text()).endsWith(";EntityPath=telemetry");
  }

  @Test
  void spacesAndEmptyPartsAndUnknownKeysDoNoHarm() {
    EventHubConnection connection =
        of(
            "C",
            " endpoint = sb://localhost:5673 ; sharedaccesskeyname = n ;; SharedAccessKey=k;OperationTimeout=00:01:00;UseDevelopmentEmulator=true; ",
            "h");
    assertThat(connection.text())
        .isEqualTo(
            "Endpoint=sb://localhost:5673;SharedAccessKeyName=n;SharedAccessKey=k;EntityPath=h;UseDevelopmentEmulator=true");
    assertThat(connection.host()).isEqualTo("localhost");
    assertThat(connection.isEmulator()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "Endpoint=sb://h/",
        "SharedAccessKeyName=n;SharedAccessKey=top-secret",
        "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=",
        "Endpoint=h;SharedAccessKeyName=n;SharedAccessKey=top-secret",
        "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=top-secret;junk"
      })
  void malformedStringIsRefusedWithoutShowingIt(String text) {
    assertThatThrownBy(() -> of("C", text, "h"))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("The connection string in the setting 'C' is wrong")
        .message()
        .doesNotContain("top-secret");
  }

  @Test
  void settingThatIsMissingIsNamed() {
    assertThatThrownBy(() -> EventHubConnection.of(binding("Missing", "h"), Settings.NONE))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining(
            "A connection string with name 'Missing' does not exist in the settings");
  }

  @Test
  void connectionStringInPlaceOfTheNameOfASettingIsRefusedWithoutShowingIt() {
    assertThatThrownBy(() -> EventHubConnection.of(binding(PLAIN, "h"), Settings.NONE))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("the name of a setting")
        .message()
        .doesNotContain("secret=");
  }

  @Test
  void managedIdentityIsSaidToBeUnavailable() {
    Settings settings = Settings.of(Map.of("C__fullyQualifiedNamespace", "h"));
    assertThatThrownBy(() -> EventHubConnection.of(binding("C", "h"), settings))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("managed identity");
  }

  @Test
  void nobodyReadsTheKeyInItsText() {
    assertThat(of("C", PLAIN, "h").toString()).doesNotContain("secret");
  }

  private static EventHubConnection of(String setting, String text, String hub) {
    return EventHubConnection.of(
        binding(setting, hub), Settings.of(Map.of(setting, text, "HUB", "telemetry")));
  }

  private static Binding binding(String connection, String hub) {
    return new Binding(
        "eventHubTrigger",
        Direction.IN,
        "event",
        Map.of("connection", connection, "eventHubName", hub));
  }
}
