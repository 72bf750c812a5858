package dev.perdure.trigger.storage;

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

class StorageConnectionTest {
  private static final String KEY = "c2VjcmV0";

  private static StorageConnection parse(String text) {
    return StorageConnection.parse("Test", text);
  }

  private static Binding binding(Map<String, Object> attributes) {
    return new Binding("queueTrigger", Direction.IN, "m", attributes);
  }

  @Test
  void anAccountHasAnAddressForEachService() {
    StorageConnection connection =
        parse(
            "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=%s;EndpointSuffix=core.windows.net"
                .formatted(KEY));

    assertThat(connection.blobService()).isEqualTo("https://acme.blob.core.windows.net");
    assertThat(connection.queueService()).isEqualTo("https://acme.queue.core.windows.net");
    assertThat(connection.key()).isEqualTo(KEY);
  }

  @Test
  void namesOfPartsAreReadInAnyCaseAndOrderWithSpacesAround() {
    StorageConnection connection = parse(" accountkey = %s ; ACCOUNTNAME=acme;; ".formatted(KEY));

    assertThat(connection.account()).isEqualTo("acme");
    assertThat(connection.key()).isEqualTo(KEY);
    assertThat(connection.blobService()).isEqualTo("https://acme.blob.core.windows.net");
  }

  @Test
  void addressesThatAreGivenWin() {
    StorageConnection connection =
        parse(
            "AccountName=acme;AccountKey=%s;BlobEndpoint=http://localhost:1234/acme/"
                .formatted(KEY));

    assertThat(connection.blobService()).isEqualTo("http://localhost:1234/acme");
    assertThat(connection.queueService()).isEqualTo("https://acme.queue.core.windows.net");
  }

  @Test
  void aSignatureNeedsNoAccountName() {
    StorageConnection connection =
        parse("BlobEndpoint=https://acme.example/;SharedAccessSignature=?sv=2024&sig=a%3D%3D");

    assertThat(connection.signature()).isEqualTo("sv=2024&sig=a%3D%3D");
    assertThat(connection.blobService()).isEqualTo("https://acme.example");
    assertThatThrownBy(connection::queueService).hasMessageContaining("QueueEndpoint");
  }

  @Test
  void developmentStorageIsTheEmulatorOnThisMachineOrBehindAProxy() {
    assertThat(parse("UseDevelopmentStorage=true").blobService())
        .isEqualTo("http://127.0.0.1:10000/devstoreaccount1");
    assertThat(parse("UseDevelopmentStorage=true;").queueService())
        .isEqualTo("http://127.0.0.1:10001/devstoreaccount1");
    assertThat(
            parse("UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite")
                .queueService())
        .isEqualTo("http://azurite:10001/devstoreaccount1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hush",
        "AccountName=hush",
        "AccountKey=hush",
        "AccountName=a;AccountKey=hush!",
        "UseDevelopmentStorage=hush",
        "SharedAccessSignature=hush",
        "AccountKey=c2VjcmV0;AccountName=a;BlobEndpoint=hush",
        "AccountKey=c2VjcmV0;AccountName=a;BlobEndpoint=https://hush hush",
        "AccountName=hush hush;AccountKey=c2VjcmV0",
      })
  void whatIsNoConnectionStringIsRefusedWithoutShowingIt(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("'Test'")
        .hasMessageEndingWith(".")
        .message()
        .doesNotContain("hush")
        .doesNotContain(KEY);
  }

  @Test
  void itIsNeverShown() {
    assertThat(parse("AccountName=acme;AccountKey=%s".formatted(KEY)).toString())
        .doesNotContain(KEY)
        .contains("Test");
  }

  @Test
  void aBindingWithoutConnectionUsesAzureWebJobsStorage() {
    Settings settings =
        Settings.of(Map.of("AzureWebJobsStorage", "AccountName=acme;AccountKey=" + KEY));

    assertThat(StorageConnection.of(binding(Map.of()), settings).account()).isEqualTo("acme");
    assertThat(
            StorageConnection.of(binding(Map.of("connection", "AzureWebJobsStorage")), settings)
                .account())
        .isEqualTo("acme");
  }

  @Test
  void theNamesThatWereLookedForAreSaidIfThereIsNone() {
    assertThatThrownBy(
            () -> StorageConnection.of(binding(Map.of("connection", "Orders")), Settings.NONE))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("AzureWebJobsOrders")
        .hasMessageContaining("setting Orders");
  }

  @Test
  void aConnectionStringInPlaceOfANameIsRefusedWithoutShowingIt() {
    assertThatThrownBy(
            () ->
                StorageConnection.of(
                    binding(Map.of("connection", "AccountName=hush;AccountKey=hush")),
                    Settings.NONE))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("name of a setting")
        .message()
        .doesNotContain("hush");
  }

  @Test
  void anIdentityIsSaidToBeUnavailable() {
    assertThatThrownBy(
            () ->
                StorageConnection.named(
                    "Orders", Settings.of(Map.of("Orders__queueServiceUri", "https://x"))))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("Orders__queueServiceUri")
        .hasMessageContaining("identities is not available");
  }
}
