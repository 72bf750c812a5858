package dev.perdure.iothub.amqp;

import dev.perdure.iothub.device.Devices;
import dev.perdure.iothub.event.EventStore;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Serves consumers and producers by AMQP 1.0 as Event Hubs does. All connections share one event
 * loop, which a commit wakes at most once.
 */
public final class AmqpFront extends VerticleBase {
  private static final long AUTHORIZATION_CHECK_MILLIS = 1000;

  private final AmqpSettings settings;
  private final EventStore store;
  private final Devices devices;
  private final Namespace namespace;
  private final InstantSource clock;
  private final Consumers consumers = new Consumers();
  private final Set<AmqpConnection> connections = new HashSet<>();
  private final Executor loop = task -> context.runOnContext(ignored -> task.run());
  private final AtomicBoolean isWakeUnderWay = new AtomicBoolean();
  private @Nullable NetServer server;

  /**
   * @param iotHub the hub that is also reached as messages/events
   */
  public AmqpFront(
      AmqpSettings settings,
      EventStore store,
      Devices devices,
      String iotHub,
      InstantSource clock) {
    this.devices = devices;
    this.settings = settings;
    this.store = store;
    this.namespace = new Namespace(store, iotHub);
    this.clock = clock;
  }

  @Override
  public Future<?> start() {
    NetServer listening =
        vertx.createNetServer(
            new NetServerOptions()
                .setHost(settings.address())
                .setPort(settings.port())
                .setTcpNoDelay(true)
                .setReuseAddress(true));
    server = listening;
    store.onCommitted(this::wake);
    if (settings.isAuthRequired()) {
      vertx.setPeriodic(
          AUTHORIZATION_CHECK_MILLIS,
          timer -> Set.copyOf(connections).forEach(AmqpConnection::closeUnauthorized));
    }
    return listening.connectHandler(this::onConnect).listen();
  }

  /** The port that clients connect to. */
  public int port() {
    return server == null ? 0 : server.actualPort();
  }

  private void onConnect(NetSocket socket) {
    AmqpConnection connection = new AmqpConnection(this, socket);
    connections.add(connection);
    connection.start();
  }

  /** On the committer's thread. */
  private void wake() {
    if (!isWakeUnderWay.getAndSet(true)) {
      loop.execute(
          () -> {
            isWakeUnderWay.set(false);
            connections.forEach(AmqpConnection::pump);
          });
    }
  }

  void onClosed(AmqpConnection connection) {
    connections.remove(connection);
  }

  AmqpSettings settings() {
    return settings;
  }

  Namespace namespace() {
    return namespace;
  }

  Devices devices() {
    return devices;
  }

  Consumers consumers() {
    return consumers;
  }

  InstantSource clock() {
    return clock;
  }

  Executor loop() {
    return loop;
  }

  long setTimer(long millis, Runnable task) {
    return vertx.setTimer(millis, timer -> task.run());
  }

  void cancelTimer(long timer) {
    vertx.cancelTimer(timer);
  }

  /** Runs something after what is under way on the loop. */
  void soon(Runnable task) {
    loop.execute(task);
  }
}
