package dev.perdure.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.StartOptions.IdReusePolicy;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StartOptionsTest {
  @Test
  void startOfTheSameCauseHasTheSameIdAndChangesNothing() {
    StartOptions options = StartOptions.once("iothub", "0", 42L);
    assertThat(options.instanceId()).isEqualTo("iothub-0-42");
    assertThat(options.idReuse()).isEqualTo(IdReusePolicy.IGNORE);
    assertThat(StartOptions.once("iothub", "0", 42L)).isEqualTo(options);
  }

  @Test
  void differentCausesNeverShareAnId() {
    Set<String> ids = new HashSet<>();
    ids.add(StartOptions.once("a", "b-c", "d").instanceId());
    ids.add(StartOptions.once("a", "b", "c-d").instanceId());
    ids.add(StartOptions.once("a-b", "c", "d").instanceId());
    ids.add(StartOptions.once("a", "b", "c", "d").instanceId());
    ids.add(StartOptions.once("a", "b_2dc", "d").instanceId());
    ids.add(StartOptions.once("a", "", "b").instanceId());
    ids.add(StartOptions.once("a", "b", "").instanceId());
    assertThat(ids).hasSize(7);
  }

  @Test
  void idsHaveNothingThatIdsCannotHave() {
    assertThat(StartOptions.once("q", "ä/ü#?\\ \n").instanceId()).matches("[A-Za-z0-9._-]+");
  }

  @Test
  void causeWithoutIdentityIsRefused() {
    assertThatThrownBy(() -> StartOptions.once("iothub"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
