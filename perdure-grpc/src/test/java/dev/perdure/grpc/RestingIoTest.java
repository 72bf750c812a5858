package dev.perdure.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.channel.IoHandle;
import io.grpc.netty.shaded.io.netty.channel.IoHandler;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.IoRegistration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestingIoTest {
  private final List<String> what = new ArrayList<>();
  private int messages;
  private boolean busy;

  private final IoHandlerContext context =
      new IoHandlerContext() {
        @Override
        public boolean canBlock() {
          return true;
        }

        @Override
        public long delayNanos(long currentTimeNanos) {
          return 0;
        }

        @Override
        public long deadlineNanos() {
          return -1;
        }
      };

  private final RestingIo io =
      new RestingIo(
          new IoHandler() {
            @Override
            public int run(IoHandlerContext same) {
              what.add("look");
              return messages;
            }

            @Override
            public IoRegistration register(IoHandle handle) {
              throw new UnsupportedOperationException();
            }

            @Override
            public void wakeup() {
              what.add("wake");
            }

            @Override
            public boolean isCompatible(Class<? extends IoHandle> handleType) {
              return true;
            }
          },
          () -> busy,
          nanos -> what.add("rest " + nanos / 1_000));

  private void look(int howMany) {
    messages = howMany;
    assertThat(io.run(context)).isEqualTo(howMany);
  }

  @Test
  void aMachineWithTimeLeftIsNeverKeptWaiting() {
    look(3);
    look(3);
    assertThat(what).containsExactly("look", "look");
  }

  @Test
  void onABusyMachineItRestsAfterALookThatFoundSomethingTheLongerForSeveral() {
    busy = true;
    look(3);
    look(1);
    look(0);
    assertThat(what).containsExactly("look", "rest 1000", "look", "rest 500", "look");
  }

  @Test
  void whereNothingComesTheFirstMessageIsTakenAtOnce() {
    busy = true;
    look(0);
    look(0);
    look(1);
    assertThat(what).containsExactly("look", "look", "look");
  }

  @Test
  void itEndsWhenTheMachineIsNotBusyAnyMore() {
    busy = true;
    look(1);
    look(1);
    busy = false;
    look(1);
    assertThat(what).containsExactly("look", "rest 500", "look", "look");
  }

  @Test
  void whoWakesItWakesTheOtherOne() {
    io.wakeup();
    assertThat(what).containsExactly("wake");
  }
}
