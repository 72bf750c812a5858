package dev.perdure.iothub.amqp;

import dev.perdure.iothub.event.Bounds;
import dev.perdure.iothub.event.EventHub;
import dev.perdure.iothub.event.Partition;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells what hubs and partitions there are. */
@SuppressWarnings("JavaUtilDate") // what Proton takes for a time
final class ManagementNode implements RequestNode {
  static final String ADDRESS = "$management";

  private final Namespace namespace;
  private final Authorization authorization;
  private final InstantSource clock;

  ManagementNode(Namespace namespace, Authorization authorization, InstantSource clock) {
    this.namespace = namespace;
    this.authorization = authorization;
    this.clock = clock;
  }

  @Override
  public Answer answer(Map<String, Object> properties, @Nullable Object body) throws Refusal {
    if (!"READ".equals(properties.get("operation"))) {
      throw new Refusal(Refusal.INVALID, "The operation is unknown here; the only one is READ.");
    }
    String name = text(properties, "name");
    authorize(properties, name);
    EventHub hub = namespace.hub(name);
    return switch (text(properties, "type")) {
      case "com.microsoft:eventhub" -> Answer.of(200, describe(hub, name));
      case "com.microsoft:partition" ->
          Answer.of(200, describe(name, namespace.partition(hub, text(properties, "partition"))));
      default ->
          throw new Refusal(
              Refusal.INVALID,
              "The type is unknown here; there are com.microsoft:eventhub and com.microsoft:partition.");
    };
  }

  private void authorize(Map<String, Object> properties, String hub) throws Refusal {
    Object token = properties.get("security_token");
    if (token != null && !authorization.allows(hub, clock.instant())) {
      authorization.offerToken(token.toString(), clock.instant());
    }
    authorization.require(hub, clock.instant());
  }

  private static String text(Map<String, Object> properties, String name) throws Refusal {
    Object value = properties.get(name);
    if (value == null) {
      throw new Refusal(
          Refusal.INVALID, "The request lacks the application property '%s'.".formatted(name));
    }
    return value.toString();
  }

  private static Map<String, Object> describe(EventHub hub, String name) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("name", name);
    answer.put("created_at", Date.from(hub.createdAt()));
    answer.put("partition_count", hub.partitions().size());
    answer.put(
        "partition_ids",
        hub.partitions().stream()
            .map(partition -> Integer.toString(partition.index()))
            .toArray(String[]::new));
    return answer;
  }

  private Map<String, Object> describe(String name, Partition partition) {
    Bounds bounds = partition.bounds();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("name", name);
    answer.put("partition", Integer.toString(partition.index()));
    answer.put("begin_sequence_number", bounds.first());
    answer.put("last_enqueued_sequence_number", bounds.next() - 1);
    answer.put("last_enqueued_offset", Long.toString(bounds.lastOffset()));
    answer.put("last_enqueued_time_utc", new Date(bounds.lastEnqueuedMillis()));
    answer.put("is_partition_empty", bounds.isEmpty());
    answer.put("runtime_info_retrieval_time_utc", Date.from(clock.instant()));
    return answer;
  }
}
