package dev.perdure.iothub.simulator;

import dev.perdure.iothub.device.Device;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A device that sends when it is time to, connects again when it was cut off, and sends again what
 * was not acknowledged. All of it runs on the simulation's event loop.
 */
final class SimulatedDevice {
  private static final long RECONNECT_MILLIS = 1000;

  private final Simulation simulation;
  private final Vertx vertx;
  private final Device device;
  private final SimulationOptions options;
  private final long intervalNanos;

  /** Payloads by packet id, in the order in which they were sent. */
  private Map<Integer, byte[]> inFlight = new LinkedHashMap<>();

  /** Payloads given to connections that broke before they had taken them. */
  private List<byte[]> unsent = new ArrayList<>();

  private int writing;
  private @Nullable DeviceClient client;
  private boolean isConnected;
  private long number;
  private long dueNanos;

  SimulatedDevice(Simulation simulation, Vertx vertx, Device device, SimulationOptions options) {
    this.simulation = simulation;
    this.vertx = vertx;
    this.device = device;
    this.options = options;
    this.intervalNanos = options.rate() == 0 ? 0 : Math.round(1e9 / options.rate());
  }

  void connect() {
    DeviceClient fresh = new DeviceClient(vertx, options.target(), device, options.properties());
    client = fresh;
    fresh.onAcknowledged(this::onAcknowledged);
    fresh.onClosed(() -> onClosed(fresh));
    fresh
        .connect()
        .onSuccess(nothing -> onConnected())
        .onFailure(failure -> onConnectFailed(fresh, failure));
  }

  private void onConnected() {
    isConnected = true;
    List<byte[]> again = new ArrayList<>(inFlight.values());
    again.addAll(unsent);
    inFlight = new LinkedHashMap<>();
    unsent = new ArrayList<>();
    again.forEach(this::publish);
    simulation.onConnected();
  }

  private void onConnectFailed(DeviceClient failed, Throwable failure) {
    if (failed.equals(client)) {
      client = null;
      simulation.onConnectFailed(this, failure);
    }
  }

  private void onClosed(DeviceClient closed) {
    if (!closed.equals(client)) {
      return;
    }
    client = null;
    if (isConnected) {
      isConnected = false;
      simulation.onDisconnected(this);
    }
  }

  void reconnectLater() {
    vertx.setTimer(RECONNECT_MILLIS, timer -> connect());
  }

  /** From when on it sends. */
  void startAt(long nanos) {
    dueNanos = nanos;
  }

  /** Sends what is due, as far as messages may be in flight. */
  void send(long nowNanos) {
    while (isConnected
        && dueNanos - nowNanos <= 0
        && inFlight.size() + unsent.size() + writing < options.inFlightMax()
        && simulation.takeMessage()) {
      number++;
      publish(options.telemetry().payload(device.id(), number));
      dueNanos = intervalNanos == 0 ? System.nanoTime() : dueNanos + intervalNanos;
    }
  }

  private void publish(byte[] payload) {
    DeviceClient connected = client;
    if (connected == null) {
      unsent.add(payload);
      return;
    }
    writing++;
    connected
        .publish(payload)
        .onComplete(
            (id, failure) -> {
              writing--;
              if (failure == null) {
                inFlight.put(id, payload);
              } else {
                unsent.add(payload);
              }
            });
  }

  private void onAcknowledged(int packetId) {
    if (inFlight.remove(packetId) != null) {
      simulation.onAcknowledged();
      if (intervalNanos == 0) {
        simulation.sendSoon(this);
      }
    }
  }

  boolean hasInFlight() {
    return !inFlight.isEmpty() || !unsent.isEmpty() || writing > 0;
  }

  void close() {
    DeviceClient connected = client;
    client = null;
    if (connected != null && isConnected) {
      isConnected = false;
      connected.disconnect().onFailure(failure -> {}); // the connection ends either way
    }
  }
}
