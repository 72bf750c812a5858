package dev.perdure.iothub.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.iothub.event.StartPosition;
import org.junit.jupiter.api.Test;

class SelectorFilterTest {
  @Test
  void offsetsHaveTwoSpecialValues() {
    assertThat(SelectorFilter.parse("amqp.annotation.x-opt-offset > '-1'"))
        .isEqualTo(new StartPosition.Earliest());
    assertThat(SelectorFilter.parse("amqp.annotation.x-opt-offset >= '@latest'"))
        .isEqualTo(new StartPosition.Latest());
  }

  @Test
  void quotesAndSpacesAreFree() {
    assertThat(SelectorFilter.parse("amqp.annotation.x-opt-offset>='12'"))
        .isEqualTo(new StartPosition.Offset(12, true));
    assertThat(SelectorFilter.parse(" amqp.annotation.x-opt-sequence-number > 7 "))
        .isEqualTo(new StartPosition.SequenceNumber(7, false));
    assertThat(SelectorFilter.parse("amqp.annotation.x-opt-enqueued-time > '1700000000000'"))
        .isEqualTo(new StartPosition.EnqueuedTime(1_700_000_000_000L, false));
  }

  @Test
  void whatIsNotUnderstoodIsRefused() {
    for (String expression :
        new String[] {
          "",
          "x > 1",
          "amqp.annotation.x-opt-offset < '1'",
          "amqp.annotation.x-opt-offset > 'a'",
          "amqp.annotation.x-opt-color > '1'"
        }) {
      assertThatThrownBy(() -> SelectorFilter.parse(expression))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is not understood");
    }
  }

  @Test
  void addressesComeInManyForms() {
    EntityAddress full = new EntityAddress("messages/events", "$Default", "3");
    assertThat(EntityAddress.parse("messages/events/ConsumerGroups/$Default/Partitions/3"))
        .isEqualTo(full);
    assertThat(EntityAddress.parse("/messages/events/consumergroups/$Default/partitions/3"))
        .isEqualTo(full);
    assertThat(
            EntityAddress.parse(
                "amqps://host:5671/messages/events/ConsumerGroups/$Default/Partitions/3/"))
        .isEqualTo(full);
    assertThat(EntityAddress.parse("hub")).isEqualTo(new EntityAddress("hub", null, null));
    assertThat(EntityAddress.parse("hub/Partitions/0"))
        .isEqualTo(new EntityAddress("hub", null, "0"));
  }
}
