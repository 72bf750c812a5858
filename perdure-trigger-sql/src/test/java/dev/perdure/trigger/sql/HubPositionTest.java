package dev.perdure.trigger.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.trigger.HubMemory;
import dev.perdure.functions.trigger.TriggerState;
import dev.perdure.testing.TestHub;
import dev.perdure.trigger.sql.connect.TableName;
import dev.perdure.trigger.sql.connect.TableName.Qualified;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HubPositionTest {
  private TestHub hub;

  @BeforeEach
  void open() {
    hub = TestHub.builder().register(TriggerState.class).open();
  }

  @AfterEach
  void close() {
    hub.close();
  }

  private HubPosition position(String database, String spelled) {
    return HubPosition.of(
        hub.client(), "F", new Qualified(database, "todo"), TableName.parse(spelled));
  }

  @Test
  void aTableHasOnePositionHoweverItIsSpelled() throws Exception {
    assertThat(position("app", "[dbo].[ToDo]").read()).isNull();

    position("app", "[dbo].[ToDo]").write("first");
    assertThat(position("app", "TODO").read()).isEqualTo("first");

    position("app", "`todo`").write("second");
    assertThat(position("app", "[dbo].[ToDo]").read()).isEqualTo("second");
    assertThat(position("other", "[dbo].[ToDo]").read()).isNull();
  }

  @Test
  void aPositionThatWasNotedUnderTheSpelledNameIsTakenOver() throws Exception {
    new HubMemory(hub.client()).write("sql/F/[dbo].[ToDo]", "before");

    assertThat(position("app", "[dbo].[ToDo]").read()).isEqualTo("before");
    assertThat(position("app", "todo").read()).isEqualTo("before");

    position("app", "todo").write("after");
    assertThat(position("app", "[dbo].[ToDo]").read()).isEqualTo("after");
  }
}
