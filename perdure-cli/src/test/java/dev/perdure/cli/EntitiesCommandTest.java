package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.cli.OperatedHub.Place;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What operators do with entities is the same at a server and in a hub that is closed. */
@ParameterizedClass(name = "{0}")
@EnumSource
class EntitiesCommandTest {
  @Parameter Place place;

  @TempDir Path temporary;

  private OperatedHub hub;

  @BeforeEach
  void makeAHub() {
    hub = new OperatedHub(temporary, place);
  }

  @AfterEach
  void closeIt() {
    hub.close();
  }

  @Test
  void listShowsStatesOnRequest() {
    assertThat(hub.run("entities", "list")).as(hub::err).isZero();
    assertThat(hub.out())
        .containsPattern("@counter@visits +\\d{4}-\\d\\d-\\d\\dT[\\d:]+Z +\\S+")
        .doesNotContain("STATE");
    assertThat(hub.run("entities", "list", "--name", "counter", "--state")).isZero();
    assertThat(hub.out()).containsPattern("@counter@visits .* 3\n");
    assertThat(hub.run("entities", "list", "--name", "other", "--json")).isZero();
    assertThat(hub.json()).isEmpty();
  }

  @Test
  void showTellsTheSizeOfTheStateAndItsContentOnRequest() {
    assertThat(hub.run("entities", "show", "@counter@visits")).isZero();
    assertThat(hub.out())
        .containsPattern("state +1 bytes of JSON")
        .containsPattern("operations waiting +0");
    assertThat(hub.run("entities", "show", "@COUNTER@visits", "--state")).isZero();
    assertThat(hub.out()).containsPattern("state +3\n");
    assertThat(hub.run("entities", "show", "@counter@visits", "--json")).isZero();
    assertThat(hub.json().at("/state").asInt()).isEqualTo(3);
    assertThat(hub.json().at("/entityId/key").asString()).isEqualTo("visits");
  }

  @Test
  void aSignalIsRunWhenAProgramHasTheCode() {
    assertThat(hub.run("entities", "signal", "@counter@visits", "add", "--input", "4")).isZero();
    assertThat(hub.out()).isEqualTo("Operation 'add' was sent to '@counter@visits'.\n");
    assertThat(hub.run("entities", "signal", "@counter@", "add", "--input", "1")).isZero();
    assertThat(hub.run("entities", "signal", "@counter@late", "add", "--input", "1", "--at", "2d"))
        .isZero();
    assertThat(hub.run("entities", "show", "@counter@late")).isZero();
    assertThat(hub.out()).containsPattern("operations waiting +1");
    hub.withFunctions(
        false,
        client -> {
          OperatedHub.until(
              () ->
                  client.getEntity(OperatedHub.VISITS).orElseThrow().state(Integer.class) == 7
                      && client
                          .getEntity(EntityId.of("counter", ""))
                          .filter(EntityMetadata::hasState)
                          .isPresent());
          assertThat(client.getEntity(EntityId.of("counter", "late")).orElseThrow().hasState())
              .isFalse();
        });
  }

  @Test
  void onePurgesAnEntityForWhichNothingWaitsAndNoOther() {
    assertThat(hub.run("entities", "signal", "@counter@late", "add", "--input", "1", "--at", "2d"))
        .isZero();
    assertThat(hub.run("instances", "purge", "@counter@late")).isEqualTo(1);
    assertThat(hub.err())
        .startsWith("perdure: PD-1008: Entity '@counter@late' was not purged: 1 operations")
        .contains("nobody holds its lock", "Let them run first", "client.purgeEntity");
    assertThat(hub.run("entities", "show", "@counter@late")).isZero();
    assertThat(hub.out()).containsPattern("operations waiting +1");

    assertThat(hub.run("instances", "purge", "@counter@visits")).isZero();
    assertThat(hub.out()).isEqualTo("Entity '@counter@visits' is purged.\n");
    assertThat(hub.run("instances", "purge", "@counter@visits")).isEqualTo(1);
    assertThat(hub.err()).startsWith("perdure: PD-1006: There is no entity '@counter@visits' ");
  }

  @Test
  void anEntityHasNoHistory() {
    assertThat(hub.run("instances", "history", "@counter@visits")).isEqualTo(1);
    assertThat(hub.err())
        .startsWith("perdure: PD-1005: '@counter@visits' is the id of an entity")
        .contains("'perdure entities show'");
    assertThat(hub.out()).isEmpty();
  }

  @Test
  void whatIsNoEntityIsRefused() {
    assertThat(hub.run("entities", "show", "@counter@nobody")).isEqualTo(1);
    assertThat(hub.err()).startsWith("perdure: PD-1006: There is no entity '@counter@nobody' ");
    assertThat(hub.run("entities", "show", "counter")).isEqualTo(2);
    assertThat(hub.err()).contains("PD-1005: 'counter' is not the id of an entity", "@name@key");
    assertThat(hub.run("entities", "signal", "@counter@visits", "add", "--input", "four"))
        .isEqualTo(2);
    assertThat(hub.err()).contains("--input is not JSON");
    assertThat(hub.run("entities")).isEqualTo(2);
  }
}
