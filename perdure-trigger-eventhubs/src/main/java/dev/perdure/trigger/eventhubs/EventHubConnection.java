package dev.perdure.trigger.eventhubs;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where an event hub is and how one gets in. Immutable; never shows the key.
 *
 * @param host the host of the namespace, without a port
 * @param port the port that is written behind the host; null if none is
 * @param hub the name of the hub
 * @param text the connection string for the client library, with the name of the hub in it
 * @param isEmulator whether it is one on a developer's machine, without TLS
 */
record EventHubConnection(
    String host, @Nullable Integer port, String hub, String text, boolean isEmulator) {
  /** Where emulators listen unless their endpoint says otherwise. */
  static final int EMULATOR_PORT = 5672;

  private static final int KNOCKING_MILLIS = 3_000;

  private static final String ENDPOINT = "Endpoint";
  private static final String KEY_NAME = "SharedAccessKeyName";
  private static final String KEY = "SharedAccessKey";
  private static final String SIGNATURE = "SharedAccessSignature";
  private static final String HUB = "EntityPath";
  private static final String EMULATOR = "UseDevelopmentEmulator";

  /** What the client library knows, in the order in which it is written. */
  private static final String[] KNOWN = {ENDPOINT, KEY_NAME, KEY, SIGNATURE, HUB, EMULATOR};

  private static final String FORM =
      "Endpoint=sb://<host>/;SharedAccessKeyName=<name>;SharedAccessKey=<key>;EntityPath=<hub>";

  /**
   * The connection that a binding asks for: its {@code connection} is the name of a setting.
   *
   * @throws InvalidTriggerException if there is none, or it is malformed
   */
  static EventHubConnection of(Binding binding, Settings settings) {
    String name = resolved(binding.text("connection", ""), settings);
    if (name.isEmpty()) {
      throw new InvalidTriggerException(
          "It has no connection. Give it the name of the setting that holds the connection string.");
    }
    if (name.contains("=") || name.contains(";")) {
      throw new InvalidTriggerException(
          "Its connection is a connection string, and has to be the name of a setting that holds one. Put the string into local.settings.json or the environment: a secret does not belong into code.");
    }
    String text = settings.connection(name);
    if (text == null) {
      if (settings.get(name + "__fullyQualifiedNamespace") != null) {
        throw new InvalidTriggerException(
            "The setting '%s' is one of a group with fullyQualifiedNamespace, which means a managed identity; this host cannot use one. Put a connection string into '%s'."
                .formatted(name, name));
      }
      throw new InvalidTriggerException(
          "A connection string with name '%s' does not exist in the settings. Put it into local.settings.json or the environment, as %s."
              .formatted(name, FORM));
    }
    return parse(name, text, hubName(binding, settings));
  }

  /** The hub that a binding names, which counts if the connection string names none. */
  static String hubName(Binding binding, Settings settings) {
    return resolved(binding.text("eventHubName", ""), settings);
  }

  private static String resolved(String text, Settings settings) {
    try {
      return settings.resolve(text).strip();
    } catch (MissingSettingException e) {
      throw new InvalidTriggerException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Reads a connection string.
   *
   * @param setting the name of the setting, for errors
   * @param hubName the hub that is meant if the string names none
   * @throws InvalidTriggerException if it is malformed; the message holds no part of it
   */
  static EventHubConnection parse(String setting, String text, String hubName) {
    Map<String, String> parts = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String part : text.split(";", -1)) {
      if (part.isBlank()) {
        continue;
      }
      int equals = part.indexOf('=');
      if (equals <= 0) {
        throw malformed(setting, "a part of it is not of the form name=value");
      }
      String key = part.substring(0, equals).strip();
      String value = part.substring(equals + 1).strip();
      if (value.isEmpty()) {
        throw malformed(setting, "its %s is empty".formatted(key));
      }
      parts.put(key, value);
    }
    URI endpoint = endpoint(setting, parts.get(ENDPOINT));
    boolean keyed = parts.containsKey(KEY_NAME) && parts.containsKey(KEY);
    if (!keyed && !parts.containsKey(SIGNATURE)) {
      throw malformed(
          setting,
          "it has neither SharedAccessKeyName and SharedAccessKey nor SharedAccessSignature");
    }
    String hub = parts.getOrDefault(HUB, hubName);
    if (hub.isEmpty()) {
      throw new InvalidTriggerException(
          "It does not say which event hub: eventHubName is empty, and so is EntityPath in the setting '%s'."
              .formatted(setting));
    }
    parts.put(HUB, hub);
    StringBuilder known = new StringBuilder();
    for (String key : KNOWN) {
      String value = parts.get(key);
      if (value != null && !(key.equals(SIGNATURE) && keyed)) {
        known.append(key).append('=').append(value).append(';');
      }
    }
    known.setLength(known.length() - 1);
    return new EventHubConnection(
        endpoint.getHost().toLowerCase(Locale.ROOT),
        endpoint.getPort() < 0 ? null : endpoint.getPort(),
        hub,
        known.toString(),
        Boolean.parseBoolean(parts.get(EMULATOR)));
  }

  private static URI endpoint(String setting, @Nullable String text) {
    if (text == null) {
      throw malformed(setting, "it has no Endpoint");
    }
    try {
      URI uri = new URI(text);
      if (uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw malformed(setting, "its Endpoint is not of the form sb://<host>/");
    }
    throw malformed(setting, "its Endpoint is not of the form sb://<host>/");
  }

  private static InvalidTriggerException malformed(String setting, String what) {
    return new InvalidTriggerException(
        "The connection string in the setting '%s' is wrong: %s. It has to be of the form %s."
            .formatted(setting, what, FORM));
  }

  /**
   * Sees whether somebody listens where an emulator is expected. The client library would find out
   * as well, after many seconds.
   *
   * @throws IOException if nobody does
   */
  void knock() throws IOException {
    if (!isEmulator) {
      return;
    }
    int emulatorPort = port == null ? EMULATOR_PORT : port;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, emulatorPort), KNOCKING_MILLIS);
    } catch (IOException e) {
      throw new IOException(
          "Nothing answers at %s, port %d, where its connection string expects an event hub on this machine. 'perdure iothub' starts one."
              .formatted(host, emulatorPort),
          e);
    }
  }

  /** Host and hub, for people. */
  String place() {
    return "'%s' at %s".formatted(hub, host);
  }

  @Override
  public String toString() {
    return place();
  }
}
