package dev.perdure.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BodyRoomTest {
  private final BodyRoom room = new BodyRoom(100, Duration.ZERO);

  @Test
  void oneMayHaveMoreThanIsFreeAndNoSecond() {
    BodyRoom.Share first = room.share();
    BodyRoom.Share second = room.share();
    BodyRoom.Share third = room.share();

    assertThat(first.growTo(60)).isTrue();
    assertThat(second.growTo(60)).isTrue();
    assertThat(third.growTo(1)).isFalse();
    assertThat(first.growTo(61)).isFalse();
    assertThat(second.growTo(1_000)).as("who has more than is free may go on").isTrue();

    second.close();
    assertThat(third.growTo(60)).isTrue();
  }

  @Test
  void whoseBodyFitsAgainDoesNotKeepOthersFromHavingMore() {
    BodyRoom.Share over = room.share();
    BodyRoom.Share first = room.share();
    assertThat(over.growTo(90)).isTrue();
    assertThat(first.growTo(40)).as("30 more than is free").isTrue();

    over.close();

    assertThat(room.share().growTo(40)).isTrue();
    assertThat(room.share().growTo(40)).as("20 more than is free").isTrue();
    assertThat(room.share().growTo(40)).isFalse();
  }
}
