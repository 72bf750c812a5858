package dev.perdure.examples.entities.counter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.api.EntityId;
import dev.perdure.api.PerdureClient;
import dev.perdure.examples.entities.Ask;
import dev.perdure.examples.entities.counter.CounterExample.Addition;
import dev.perdure.examples.entities.counter.CounterExample.Removal;
import dev.perdure.testing.LivenessAudit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CounterTest {
  private static final EntityId VISITORS = EntityId.of(Counter.class, "visitors");

  private final Perdure perdure = CounterExample.register(Perdure.inMemory()).start();
  private final PerdureClient client = perdure.client();

  @AfterEach
  void close() {
    try (perdure) {
      LivenessAudit.check(client);
    }
  }

  @Test
  void signalsFromManyThreadsAreAllCountedOnce() throws Exception {
    CounterExample.signalFromManyThreads(client, VISITORS, 4, 500);

    assertThat(count("visitors")).isEqualTo(2_000);
  }

  @Test
  void callsOfOneOrchestrationRunOneAfterTheOther() {
    assertThat(Ask.of(client, "addOneByOne", new Addition("visitors", 25), Integer.class))
        .isEqualTo(25);
  }

  @Test
  void countersWithDifferentKeysHaveNothingToDoWithEachOther() {
    client.signalEntity(VISITORS, "add", 3);
    client.signalEntity(EntityId.of("COUNTER", "Visitors"), "ADD", 4);

    assertThat(count("visitors")).isEqualTo(3);
    assertThat(count("Visitors")).isEqualTo(4);
  }

  @Test
  void anOperationThatThrowsChangesNothing() {
    client.signalEntity(VISITORS, "add", 5);

    assertThat(Ask.of(client, "takeFrom", new Removal("visitors", 6), String.class))
        .isEqualTo("refused: only 5 are there");
    assertThat(count("visitors")).isEqualTo(5);
    assertThat(Ask.of(client, "takeFrom", new Removal("visitors", 5), String.class))
        .isEqualTo("done");
    assertThat(count("visitors")).isZero();
  }

  @Test
  void readingDoesNotBringACounterIntoBeing() {
    assertThat(count("nobody")).isZero();
    assertThat(client.getEntity(EntityId.of(Counter.class, "nobody"))).isEmpty();
  }

  @Test
  void aDeletedCounterBeginsAnew() {
    client.signalEntity(VISITORS, "add", 5);
    client.signalEntity(VISITORS, "delete");
    client.signalEntity(VISITORS, "add", 2);

    assertThat(count("visitors")).isEqualTo(2);
  }

  private int count(String key) {
    return Ask.of(client, "countOf", key, Integer.class);
  }
}
