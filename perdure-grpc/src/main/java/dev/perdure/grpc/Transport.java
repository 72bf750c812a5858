package dev.perdure.grpc;

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
 * calls.
 *
 * @param group the threads
 * @param channelType what they listen with
 */
record Transport(EventLoopGroup group, Class<? extends ServerChannel> channelType) {
  private static final int THREADS_MAX = 8;

  static {
    // It takes stacks of one in a hundred buffers, for those who look for a leak in the transport.
    if (System.getProperty("io.grpc.netty.shaded.io.netty.leakDetection.level") == null) {
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }
  }

  static Transport start() {
    int threads = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, THREADS_MAX);
    DefaultThreadFactory named = new DefaultThreadFactory("perdure-net", true);
    return Epoll.isAvailable()
        ? new Transport(
            new MultiThreadIoEventLoopGroup(
                threads, named, RestingIo.factory(EpollIoHandler.newFactory())),
            EpollServerSocketChannel.class)
        : new Transport(
            new MultiThreadIoEventLoopGroup(
                threads, named, RestingIo.factory(NioIoHandler.newFactory())),
            NioServerSocketChannel.class);
  }

  void close() {
    var unused = group.shutdownGracefully(0, 2, TimeUnit.SECONDS);
  }
}
