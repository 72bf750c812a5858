package dev.perdure.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MessageRoomTest {
  private final MessageRoom room = new MessageRoom(100);
  private final MessageRoom.Share first = room.share();
  private final MessageRoom.Share second = room.share();

  @Test
  void messagesShareTheRoomAsTheyCome() {
    assertThat(first.growTo(40)).isTrue();
    assertThat(second.growTo(30)).isTrue();
    assertThat(first.growTo(70)).isTrue();
    first.close();
    assertThat(second.growTo(100)).isTrue();
  }

  @Test
  void oneMessageMayHaveMoreThanThereIs() {
    assertThat(first.growTo(1_000)).isTrue();
    assertThat(first.growTo(2_000)).isTrue();
    assertThat(second.growTo(1)).isFalse();
    first.close();
    assertThat(second.growTo(1_000)).isTrue();
  }

  @Test
  void whatIsGivenUpMakesRoomForTheOthers() {
    MessageRoom.Share third = room.share();
    assertThat(first.growTo(50)).isTrue();
    assertThat(second.growTo(50)).isTrue();
    assertThat(third.growTo(10)).as("it is the one that may have more").isTrue();
    assertThat(first.growTo(60)).isFalse();
    first.close();
    assertThat(second.growTo(80)).isTrue();
    assertThat(room.share().growTo(20)).as("now it is this one").isTrue();
    assertThat(room.share().growTo(1)).isFalse();
    third.close();
    assertThat(room.share().growTo(1)).isTrue();
  }

  /** Such as that of a worker, which goes on for as long as the worker is there. */
  @Test
  void aCallThatGoesOnTakesNoFavourFromOthersOnceThereIsRoom() {
    assertThat(first.growTo(90)).isTrue();
    assertThat(second.growTo(20)).as("it is the one that may have more").isTrue();
    assertThat(room.share().growTo(1_000)).isFalse();
    first.close();
    assertThat(room.share().growTo(1_000)).isTrue();
  }

  @Test
  void whatMustBeTakenLeavesLessForTheOthers() {
    first.take(1_000);
    first.take(2_000);
    assertThat(second.growTo(10)).as("it is the one that may have more").isTrue();
    assertThat(room.share().growTo(1)).isFalse();
    first.close();
    assertThat(room.share().growTo(91)).as("now it is this one").isTrue();
    assertThat(room.share().growTo(1)).isFalse();
  }

  @Test
  void whatSeveralNeedIsHeldUntilNoneDoes() {
    assertThat(first.growTo(1_000)).isTrue();
    MessageRoom.Share other = first.withOneMore();
    first.close();
    assertThat(second.growTo(1)).isFalse();
    other.close();
    assertThat(second.growTo(100)).isTrue();
  }

  @Test
  void whatComesAfterTheEndTakesNoRoom() {
    first.close();
    assertThat(first.growTo(1_000)).isTrue();
    assertThat(second.growTo(100)).isTrue();
    assertThat(room.share().growTo(1)).as("it is the one that may have more").isTrue();
  }
}
