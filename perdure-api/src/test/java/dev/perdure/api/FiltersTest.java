package dev.perdure.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FiltersTest {
  private static final Instant A = Instant.parse("2030-01-01T00:00:00Z");
  private static final Instant B = A.plusSeconds(1);
  private static final Instant C = A.plusSeconds(2);
  private static final Instant D = A.plusSeconds(3);

  @Test
  void eachChangeOfAQueryChangesWhatItSays() {
    assertThat(
            InstanceQuery.ALL
                .withStatuses(OrchestrationStatus.FAILED)
                .withCreated(A, B)
                .withCompleted(C, D)
                .withIdPrefix("p")
                .withName("n")
                .withTags(Map.of("k", "v"))
                .withSetAsideOnly()
                .withPayloads()
                .withPageSize(7)
                .withContinuationToken("t"))
        .isEqualTo(
            new InstanceQuery(
                Set.of(OrchestrationStatus.FAILED),
                A,
                B,
                C,
                D,
                "p",
                "n",
                Map.of("k", "v"),
                true,
                true,
                7,
                "t"));
    assertThat(InstanceQuery.ALL.withName("n").withCreated(A, null).withCreated(null, null).name())
        .isEqualTo("n");
  }

  @Test
  void eachChangeOfAPurgeFilterChangesWhatItSays() {
    assertThat(
            PurgeFilter.ALL_ENDED
                .withCreated(A, B)
                .withCompleted(C, D)
                .withStatuses(OrchestrationStatus.FAILED)
                .withRecursive(true))
        .isEqualTo(new PurgeFilter(A, B, C, D, Set.of(OrchestrationStatus.FAILED), true));
    assertThatThrownBy(() -> PurgeFilter.ALL_ENDED.withStatuses(OrchestrationStatus.RUNNING))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("RUNNING");
  }
}
