package dev.perdure.iothub.simulator;

import dev.perdure.iothub.device.Device;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Devices that connect by MQTT and send telemetry with QoS 1. Thread-safe.
 *
 * <p>All of them share one thread. Sending begins when all are connected; each device then begins
 * at a time of its own within its interval, so that they do not all send at once.
 */
public final class Simulation implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Simulation.class.getName());

  private static final long TICK_MILLIS = 5;

  /** So that no hub is overrun by devices that all connect at once. */
  private static final int CONNECTING_MAX = 64;

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LAST_ACKNOWLEDGEMENTS = Duration.ofSeconds(30);

  private final SimulationOptions options;
  private final Vertx vertx;
  private final Context context;
  private final List<SimulatedDevice> devices;
  private final CompletableFuture<Progress> end = new CompletableFuture<>();

  // Written by the simulation's thread only.
  private final AtomicInteger connected = new AtomicInteger();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private volatile long startedNanos;
  private volatile boolean hasStarted;
  private int toConnect;
  private boolean isSending;
  private long stoppedNanos;

  private Simulation(SimulationOptions options, List<Device> devices) {
    this.options = options;
    this.vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setDisableTCCL(true)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
    this.context = vertx.getOrCreateContext();
    this.devices =
        devices.stream().map(device -> new SimulatedDevice(this, vertx, device, options)).toList();
  }

  /**
   * Starts and returns at once.
   *
   * @param devices those that the hub knows
   * @throws IllegalArgumentException if there is no device
   */
  public static Simulation start(SimulationOptions options, List<Device> devices) {
    if (devices.isEmpty()) {
      throw new IllegalArgumentException("There is no device to simulate; give one or more.");
    }
    Simulation simulation = new Simulation(options, devices);
    simulation.context.runOnContext(nothing -> simulation.connectFirst());
    return simulation;
  }

  private void connectFirst() {
    while (toConnect < Math.min(CONNECTING_MAX, devices.size())) {
      devices.get(toConnect++).connect();
    }
  }

  void onConnected() {
    connected.incrementAndGet();
    if (hasStarted) {
      return;
    }
    if (toConnect < devices.size()) {
      devices.get(toConnect++).connect();
    } else if (connected.get() == devices.size()) {
      startSending();
    }
  }

  void onConnectFailed(SimulatedDevice device, Throwable failure) {
    failures.incrementAndGet();
    if (hasStarted) {
      device.reconnectLater();
      return;
    }
    end.completeExceptionally(
        new SimulationException(
            "A device could not connect to %s: %s. Look at whether a hub runs there and knows the device."
                .formatted(options.target(), failure.getMessage()),
            failure));
  }

  void onDisconnected(SimulatedDevice device) {
    connected.decrementAndGet();
    failures.incrementAndGet();
    LOG.log(Level.WARNING, "The hub has cut a device off. It connects again.");
    device.reconnectLater();
  }

  private void startSending() {
    long now = System.nanoTime();
    startedNanos = now;
    hasStarted = true;
    isSending = true;
    double spread = options.rate() == 0 ? 0 : 1e9 / options.rate() / devices.size();
    for (int i = 0; i < devices.size(); i++) {
      devices.get(i).startAt(now + Math.round(i * spread));
    }
    vertx.setPeriodic(0, TICK_MILLIS, timer -> tick());
  }

  private void tick() {
    long now = System.nanoTime();
    if (isSending) {
      if (isOver(now)) {
        isSending = false;
        stoppedNanos = now;
      } else {
        for (SimulatedDevice device : devices) {
          device.send(now);
        }
      }
    }
    if (!isSending
        && (devices.stream().noneMatch(SimulatedDevice::hasInFlight)
            || now - stoppedNanos > LAST_ACKNOWLEDGEMENTS.toNanos())) {
      end.complete(progress());
    }
  }

  private boolean isOver(long now) {
    return (!options.duration().isZero() && now - startedNanos >= options.duration().toNanos())
        || (options.messagesMax() > 0 && sent.get() >= options.messagesMax());
  }

  /** Whether one more message may be sent; it is counted. */
  boolean takeMessage() {
    if (!isSending || (options.messagesMax() > 0 && sent.get() >= options.messagesMax())) {
      return false;
    }
    sent.incrementAndGet();
    return true;
  }

  void onAcknowledged() {
    acknowledged.incrementAndGet();
  }

  /** For devices that send as fast as they are acknowledged. */
  void sendSoon(SimulatedDevice device) {
    device.send(System.nanoTime());
  }

  /** How far it is. */
  public Progress progress() {
    return new Progress(
        connected.get(),
        sent.get(),
        acknowledged.get(),
        failures.get(),
        hasStarted ? Duration.ofNanos(System.nanoTime() - startedNanos) : Duration.ZERO);
  }

  /**
   * Waits for the end: the duration is over or the messages are sent, and they are acknowledged or
   * were not for half a minute.
   *
   * @return null if it goes on after the time given
   * @throws SimulationException if a device could not connect at the beginning
   */
  public @Nullable Progress awaitEnd(Duration timeout) throws InterruptedException {
    try {
      return end.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SimulationException failure
          ? failure
          : new SimulationException("The simulation has failed: " + e.getMessage(), e);
    }
  }

  /** Disconnects all devices, whether or not everything is acknowledged. */
  @Override
  public void close() {
    context.runOnContext(
        nothing -> {
          isSending = false;
          devices.forEach(SimulatedDevice::close);
          end.complete(progress());
        });
    try {
      vertx.close().await(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.log(Level.WARNING, "Devices could not be disconnected in time.");
    }
  }
}
