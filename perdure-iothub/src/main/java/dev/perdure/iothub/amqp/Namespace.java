package dev.perdure.iothub.amqp;

import dev.perdure.iothub.event.EventHub;
import dev.perdure.iothub.event.EventStore;
import dev.perdure.iothub.event.Partition;

/**
 * The hubs by the names that clients use.
 *
 * @param iotHub the hub that is also {@link #BUILT_IN_ENDPOINT}
 */
record Namespace(EventStore store, String iotHub) {
  /** What the endpoint of every IoT hub is called. */
  static final String BUILT_IN_ENDPOINT = "messages/events";

  EventHub hub(String name) throws Refusal {
    EventHub hub = store.hub(name.equalsIgnoreCase(BUILT_IN_ENDPOINT) ? iotHub : name);
    if (hub == null) {
      throw new Refusal(
          Refusal.NOT_FOUND,
          "%s Event hubs are made when the server is started; name it there."
              .formatted(Refusal.notFound(name)));
    }
    return hub;
  }

  Partition partition(EventHub hub, String id) throws Refusal {
    Partition partition = hub.partition(id);
    if (partition == null) {
      throw new Refusal(
          Refusal.OUT_OF_RANGE,
          "Event hub '%s' has no partition '%s'; it has %d, from 0 on."
              .formatted(hub.name(), id, hub.partitions().size()));
    }
    return partition;
  }
}
