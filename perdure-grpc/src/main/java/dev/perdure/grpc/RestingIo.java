package dev.perdure.grpc;

import dev.perdure.engine.Burst;
import io.grpc.netty.shaded.io.netty.channel.IoHandle;
import io.grpc.netty.shaded.io.netty.channel.IoHandler;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.IoRegistration;
import io.grpc.netty.shaded.io.netty.util.concurrent.ThreadAwareExecutor;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * Looks at the network less often while the processors are busy. Whoever looks at once finds a
 * message or two, passes them on, wakes others for them, and is woken again for the next two. A
 * moment later there are many, for about the same price. On a machine whose processors have nothing
 * left that moment is hardly a loss: others use it, among them those who wait for an answer.
 *
 * <p>For the same reason, what comes in such a look is passed to the engine as a {@link Burst}.
 */
final class RestingIo implements IoHandler {
  /** Short next to what everything takes on a busy machine. */
  static final Duration REST = Duration.ofNanos(500_000);

  /**
   * The rest where several had something at once, since more will come meanwhile. A lone caller
   * gets it too if his next call and an answer to him fall into one look.
   */
  static final Duration LONG_REST = Duration.ofMillis(1);

  private final IoHandler io;
  private final BooleanSupplier busy;
  private final LongConsumer restNanos;

  /**
   * How many connections had something at the last look; that somebody has an answer to send counts
   * as one. Used by the one thread that this handler is for.
   */
  private int found;

  /**
   * Another handler, with rests.
   *
   * @param busy whether the processors are
   * @param restNanos rests for so long
   */
  RestingIo(IoHandler io, BooleanSupplier busy, LongConsumer restNanos) {
    this.io = io;
    this.busy = busy;
    this.restNanos = restNanos;
  }

  /** Handlers of another factory, with rests while the processors of this machine are busy. */
  static IoHandlerFactory factory(IoHandlerFactory other) {
    ProcessorLoad load = ProcessorLoad.ofSystem();
    return new IoHandlerFactory() {
      @Override
      public IoHandler newHandler(ThreadAwareExecutor executor) {
        return new RestingIo(other.newHandler(executor), load::isHigh, LockSupport::parkNanos);
      }

      @Override
      public boolean isChangingThreadSupported() {
        return other.isChangingThreadSupported();
      }
    };
  }

  @Override
  public int run(IoHandlerContext context) {
    if (found > 0 && busy.getAsBoolean()) {
      restNanos.accept((found > 1 ? LONG_REST : REST).toNanos());
      Burst.begin();
      try {
        found = io.run(context);
      } finally {
        Burst.end();
      }
    } else {
      found = io.run(context);
    }
    return found;
  }

  @Override
  public void initialize() {
    io.initialize();
  }

  @Override
  public void prepareToDestroy() {
    io.prepareToDestroy();
  }

  @Override
  public void destroy() {
    io.destroy();
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return io.register(handle);
  }

  @Override
  public void wakeup() {
    io.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return io.isCompatible(handleType);
  }
}
