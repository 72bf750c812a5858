package dev.perdure.functions.settings;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The keys of host.json: what may stand there, and whether it does something here. */
final class HostJsonKeys {
  /** What a value must be. */
  enum ValueKind {
    TEXT("a text"),
    FLAG("true or false"),
    NUMBER("a whole number"),
    SPAN("a span of time as hh:mm:ss"),
    TEXTS("an array of texts"),
    OBJECT("an object, { ... }"),
    ANY("anything");

    private final String description;

    ValueKind(String description) {
      this.description = description;
    }

    String description() {
      return description;
    }
  }

  /**
   * A key.
   *
   * @param path where it stands, with dots
   * @param type what it must be
   * @param effect whether it does something here
   */
  record KnownKey(String path, ValueKind type, Effect effect) {}

  /** What a key does here. */
  enum Effect {
    /** It counts. */
    USED,
    /** Nothing, and nobody expects it to on a developer's machine. */
    NONE,
    /** Nothing, which may surprise. */
    SURPRISING
  }

  private static final Map<String, KnownKey> KEYS = new LinkedHashMap<>();

  static {
    used(ValueKind.TEXT, "version");
    used(ValueKind.ANY, "functionTimeout");
    used(ValueKind.TEXTS, "functions");
    used(ValueKind.OBJECT, "retry", "logging.logLevel");
    none(
        ValueKind.ANY,
        "extensionBundle",
        "logging.applicationInsights",
        "logging.console",
        "$schema");
    none(ValueKind.TEXT, "logging.fileLoggingMode", "telemetryMode", "id");
    none(ValueKind.FLAG, "sendCanceledInvocationsToWorker");
    none(ValueKind.ANY, "logging.logger", "logging.debug");
    none(ValueKind.NUMBER, "aggregator.batchSize");
    none(ValueKind.SPAN, "aggregator.flushTimeout");
    none(ValueKind.FLAG, "aggregator.isEnabled");
    none(ValueKind.ANY, "healthMonitor", "singleton", "concurrency", "managedDependency");
    none(ValueKind.TEXTS, "watchDirectories", "watchFiles");
    surprising(ValueKind.ANY, "customHandler");

    used(ValueKind.TEXT, "extensions.http.routePrefix");
    used(
        ValueKind.NUMBER,
        "extensions.http.maxOutstandingRequests",
        "extensions.http.maxConcurrentRequests");
    used(ValueKind.OBJECT, "extensions.http.customHeaders");
    none(ValueKind.FLAG, "extensions.http.dynamicThrottlesEnabled");
    none(ValueKind.OBJECT, "extensions.http.hsts");

    // Read by the triggers that come as plug-ins.
    used(
        ValueKind.OBJECT,
        "extensions.queues",
        "extensions.blobs",
        "extensions.tables",
        "extensions.eventHubs",
        "extensions.eventGrid",
        "extensions.sql",
        "extensions.mySql",
        "extensions.kafka",
        "extensions.cosmosDB",
        "extensions.serviceBus",
        "extensions.rabbitMQ",
        "extensions.redis",
        "extensions.sendGrid",
        "extensions.twilioSms",
        "extensions.signalR",
        "extensions.dapr",
        "extensions.mcp",
        "extensions.warmup");

    durableTask();
  }

  private HostJsonKeys() {}

  private static void durableTask() {
    String at = "extensions.durableTask.";
    used(
        ValueKind.TEXT,
        at + "hubName",
        at + "defaultVersion",
        at + "overridableExistingInstanceStates");
    used(
        ValueKind.NUMBER,
        at + "maxConcurrentActivityFunctions",
        at + "maxConcurrentOrchestratorFunctions",
        at + "maxConcurrentEntityFunctions");
    surprising(
        ValueKind.NUMBER,
        at + "maxOrchestrationActions",
        at + "maxEntityOperationBatchSize",
        at + "entityMessageReorderWindowInMinutes");
    surprising(
        ValueKind.FLAG,
        at + "rollbackEntityOperationsOnExceptions",
        at + "throwStatusExceptionsOnRaiseEvent",
        at + "storeInputsInOrchestrationHistory");
    surprising(ValueKind.TEXT, at + "versionMatchStrategy", at + "versionFailureStrategy");
    surprising(ValueKind.OBJECT, at + "storageProvider", at + "notifications");
    used(ValueKind.FLAG, at + "httpSettings.useForwardedHost");
    none(ValueKind.NUMBER, at + "httpSettings.defaultAsyncRequestSleepTimeMilliseconds");
    none(ValueKind.OBJECT, at + "tracing");
    none(
        ValueKind.NUMBER,
        at + "extendedSessionIdleTimeoutInSeconds",
        at + "maxGrpcMessageSizeInBytes");
    none(
        ValueKind.FLAG,
        at + "extendedSessionsEnabled",
        at + "useGracefulShutdown",
        at + "useAppLease",
        at + "localRpcEndpointEnabled",
        at + "logReplayEvents",
        at + "traceInputsAndOutputs",
        at + "traceReplayEvents");
    none(ValueKind.SPAN, at + "grpcHttpClientTimeout");
    none(ValueKind.ANY, at + "appLeaseOptions", at + "azureStorageConnectionStringName");
  }

  private static void used(ValueKind type, String... paths) {
    put(type, Effect.USED, paths);
  }

  private static void none(ValueKind type, String... paths) {
    put(type, Effect.NONE, paths);
  }

  private static void surprising(ValueKind type, String... paths) {
    put(type, Effect.SURPRISING, paths);
  }

  private static void put(ValueKind type, Effect effect, String... paths) {
    for (String path : paths) {
      KEYS.put(path.toLowerCase(Locale.ROOT), new KnownKey(path, type, effect));
    }
  }

  /** The key at a path, in whatever case; null if there is none. */
  static @Nullable KnownKey key(String path) {
    return KEYS.get(path.toLowerCase(Locale.ROOT));
  }

  /** Whether there are keys below a path. */
  static boolean isSection(String path) {
    String prefix = path.toLowerCase(Locale.ROOT) + ".";
    return KEYS.keySet().stream().anyMatch(key -> key.startsWith(prefix));
  }

  /** The names that may stand below a path; at the top if it is empty. */
  static Collection<String> namesBelow(String path) {
    TreeSet<String> names = new TreeSet<>();
    String prefix = path.isEmpty() ? "" : path.toLowerCase(Locale.ROOT) + ".";
    for (KnownKey key : KEYS.values()) {
      if (key.path().toLowerCase(Locale.ROOT).startsWith(prefix)) {
        String rest = key.path().substring(prefix.length());
        names.add(rest.contains(".") ? rest.substring(0, rest.indexOf('.')) : rest);
      }
    }
    return names;
  }
}
