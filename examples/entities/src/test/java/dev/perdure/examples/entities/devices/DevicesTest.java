package dev.perdure.examples.entities.devices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.PerdureClient;
import dev.perdure.examples.entities.Ask;
import dev.perdure.examples.entities.Console;
import dev.perdure.examples.entities.devices.Device.Reading;
import dev.perdure.examples.entities.devices.Fleet.Totals;
import dev.perdure.examples.entities.devices.Owners.Silent;
import dev.perdure.testing.LivenessAudit;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DevicesTest {
  private final Mailbox mailbox = new Mailbox();
  private final Perdure perdure = DevicesExample.register(Perdure.inMemory(), mailbox).start();
  private final PerdureClient client = perdure.client();

  @AfterEach
  void close() {
    try (perdure) {
      LivenessAudit.check(client);
    }
  }

  @Test
  void aThousandDevicesAreAddedUpToTheLastReadingAndTheSilentOnesAreKnown() throws Exception {
    Console quiet = new Console(new PrintStream(OutputStream.nullOutputStream()));
    DevicesExample example = new DevicesExample(quiet, 1_000, Duration.ofMillis(150));

    Totals totals = example.simulate(client);

    assertThat(totals).isEqualTo(example.expected());
    assertThat(totals.readings()).isGreaterThan(2_900);
    assertThat(totals.silent()).hasSize(10).contains("d-0050", "d-0950");
    assertThat(
            client
                .queryEntities(EntityQuery.ALL.withName(Device.class).withPageSize(2_000))
                .entities())
        .hasSize(1_000);
  }

  @Test
  void theOwnersOfSilentDevicesAreTold() throws Exception {
    int told = Ask.of(client, "tellOwners", new Silent(List.of("d-1", "d-2")), Integer.class);

    assertThat(told).isEqualTo(2);
    assertThat(mailbox.sent())
        .containsExactly("Your device d-1 is silent.", "Your device d-2 is silent.");
  }

  @Test
  void aDeviceThatWasSilentComesBack() throws Exception {
    report("d-1", Duration.ofMillis(20));
    waitForSilent("d-1");

    report("d-1", Duration.ofHours(1));
    waitForSilent();

    assertThat(Ask.of(client, "totalsOf", "all", Totals.class).readings()).isEqualTo(2);
  }

  @Test
  void aDeviceIsLookedAfterByOneSignalHoweverOftenItReports() throws Exception {
    for (int i = 0; i < 20; i++) {
      report("d-1", Duration.ofHours(1));
    }
    waitForReadings(20);

    EntityId device = EntityId.of(Device.class, "d-1");
    assertThat(client.getEntity(device).orElseThrow().operationsWaiting()).isEqualTo(1);
  }

  @Test
  void aDeletedDeviceDoesNotComeBackBecauseSomebodyLooks() throws Exception {
    report("d-1", Duration.ofMillis(100));
    EntityId device = EntityId.of(Device.class, "d-1");
    Ask.until(
        "a look to be scheduled",
        () -> client.getEntity(device).filter(known -> known.operationsWaiting() == 1));
    client.signalEntity(device, "delete");

    Ask.until(
        "the device to be gone",
        () -> client.getEntity(device).isEmpty() ? Optional.of(true) : Optional.empty());
    assertThat(Ask.of(client, "totalsOf", "all", Totals.class).silent()).isEmpty();
  }

  private void report(String device, Duration every) {
    client.signalEntity(EntityId.of(Device.class, device), "report", new Reading(200, every));
  }

  private void waitForSilent(String... devices) throws InterruptedException {
    Ask.until(
        "silent devices " + List.of(devices),
        () -> totals().filter(totals -> totals.silent().equals(List.of(devices))));
  }

  private void waitForReadings(int count) throws InterruptedException {
    Ask.until(count + " readings", () -> totals().filter(totals -> totals.readings() == count));
  }

  private Optional<Totals> totals() {
    return client.getEntity(Fleet.ID).map(fleet -> fleet.state(Fleet.class)).map(Fleet::totals);
  }
}
