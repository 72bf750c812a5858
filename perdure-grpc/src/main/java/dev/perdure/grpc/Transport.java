package dev.perdure.grpc;

import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.HostThreads;
import dev.perdure.engine.partition.Loop;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.ResourceLeakDetector;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The threads that read from and write to the network, and do what does not block. They are few, so
 * that one that is awake finds work of many connections: to wake a thread costs more than most
 * calls. Safe from any thread.
 */
public final class Transport implements AutoCloseable {
  private static final int THREADS_MAX = 8;

  /** With so few cores, engines run on the threads of the network too. */
  private static final int CORES_SHARED_MAX = 2;

  private static final int CORES = Runtime.getRuntime().availableProcessors();

  static {
    // It takes stacks of one in a hundred buffers, for those who look for a leak in the transport.
    if (System.getProperty("io.grpc.netty.shaded.io.netty.leakDetection.level") == null) {
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }
  }

  private final EventLoopGroup group;
  private final Class<? extends ServerChannel> channelType;

  private Transport(EventLoopGroup group, Class<? extends ServerChannel> channelType) {
    this.group = group;
    this.channelType = channelType;
  }

  /** Starts as many as suit the machine. */
  public static Transport start() {
    int threads = Math.clamp(CORES / 2, 1, THREADS_MAX);
    DefaultThreadFactory named = new DefaultThreadFactory("perdure-net", true);
    return Epoll.isAvailable()
        ? new Transport(
            new MultiThreadIoEventLoopGroup(threads, named, EpollIoHandler.newFactory()),
            EpollServerSocketChannel.class)
        : new Transport(
            new MultiThreadIoEventLoopGroup(threads, named, NioIoHandler.newFactory()),
            NioServerSocketChannel.class);
  }

  EventLoopGroup group() {
    return group;
  }

  Class<? extends ServerChannel> channelType() {
    return channelType;
  }

  /**
   * An environment for engines that this server offers. On a small machine their loops run on the
   * threads of the network: what comes in is handled, made durable and answered without another
   * thread.
   */
  public EngineEnvironment environment() {
    EngineEnvironment system = EngineEnvironment.system();
    return CORES <= CORES_SHARED_MAX
        ? system.withHostThreads(() -> HostThreads.carriedBy(new OnEventLoop(group.next())))
        : system;
  }

  private record OnEventLoop(EventLoop thread) implements Loop.Carrier {
    @Override
    public void execute(Runnable task) {
      thread.execute(task);
    }

    @Override
    public void schedule(Runnable task, long nanos) {
      var unused = thread.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }
  }

  /** Ends the threads. Servers and engines that run on them have been closed before. */
  @Override
  public void close() {
    var unused = group.shutdownGracefully(0, 2, TimeUnit.SECONDS);
  }
}
