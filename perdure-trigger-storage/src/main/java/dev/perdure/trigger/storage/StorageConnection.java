package dev.perdure.trigger.storage;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a storage account is and how it is entered. Immutable; never shown as text, because it is a
 * secret.
 *
 * @param name what a binding calls it: the name of a setting
 * @param blobs the address of the service for blobs, without a slash at the end; null if not given
 * @param queues the address of the service for queues, likewise
 * @param account the name of the account; null if a signature is used without one
 * @param key the key of the account, Base64; null if there is a signature
 * @param signature a shared access signature, without a question mark; null if there is a key
 */
record StorageConnection(
    String name,
    @Nullable String blobs,
    @Nullable String queues,
    @Nullable String account,
    @Nullable String key,
    @Nullable String signature) {
  /** What bindings without a connection use: the setting AzureWebJobsStorage. */
  static final String DEFAULT = "Storage";

  // The account of every emulator. Its key is published and opens nothing else.
  private static final String EMULATOR_ACCOUNT = "devstoreaccount1";
  private static final String EMULATOR_KEY =
      "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
  private static final String EMULATOR_HOST = "http://127.0.0.1";

  /** Settings in a group, instead of a connection string: who enters with an identity. */
  private static final List<String> IDENTITY =
      List.of("accountName", "serviceUri", "blobServiceUri", "queueServiceUri", "credential");

  /**
   * The connection of a binding.
   *
   * @throws InvalidTriggerException if its setting is missing or is no connection string
   */
  static StorageConnection of(Binding binding, Settings settings) {
    String attribute = binding.text("connection", DEFAULT);
    if (attribute.contains(";") || attribute.contains("=")) {
      throw new InvalidTriggerException(
          "The connection of the binding '%s' looks like a connection string, but it has to be the name of a setting that holds one. Move it to local.settings.json or the environment."
              .formatted(binding.name()));
    }
    try {
      return named(settings.resolve(attribute), settings);
    } catch (MissingSettingException e) {
      throw new InvalidTriggerException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * The connection of a name.
   *
   * @throws InvalidTriggerException if its setting is missing or is no connection string
   */
  static StorageConnection named(String name, Settings settings) {
    String text = settings.connection(name);
    if (text != null) {
      return parse(name, text);
    }
    for (String prefix : List.of("AzureWebJobs" + name, name)) {
      for (String part : IDENTITY) {
        if (settings.get(prefix + "__" + part) != null) {
          throw new InvalidTriggerException(
              "The connection '%s' is described by settings such as %s__%s, which means an identity; storage with identities is not available here. Give a connection string in the setting %s."
                  .formatted(name, prefix, part, prefix));
        }
      }
    }
    throw new InvalidTriggerException(
        "The storage connection '%s' is not there: neither the setting AzureWebJobs%s nor the setting %s has a value. Put a connection string there, in local.settings.json or the environment; UseDevelopmentStorage=true means Azurite on this machine."
            .formatted(name, name, name));
  }

  /** Whether the setting of a name has a value. */
  static boolean exists(String name, Settings settings) {
    return settings.connection(name) != null;
  }

  /**
   * Reads a connection string.
   *
   * @param name the name of the setting, for errors, which never quote the text
   * @throws InvalidTriggerException if it is none
   */
  static StorageConnection parse(String name, String text) {
    Map<String, String> parts = parts(name, text);
    String development = parts.get("UseDevelopmentStorage");
    if (development != null) {
      if (!development.equalsIgnoreCase("true")) {
        throw wrong(name, "UseDevelopmentStorage can only be true; leave it out otherwise");
      }
      return emulator(name, parts.getOrDefault("DevelopmentStorageProxyUri", EMULATOR_HOST));
    }
    String account = parts.get("AccountName");
    String key = parts.get("AccountKey");
    String signature = parts.get("SharedAccessSignature");
    if (key == null && signature == null) {
      throw wrong(name, "there is neither an AccountKey nor a SharedAccessSignature in it");
    }
    if (key != null) {
      if (account == null) {
        throw wrong(name, "there is an AccountKey but no AccountName in it");
      }
      requireBase64(name, key);
    }
    String blobs = endpoint(name, parts, "BlobEndpoint", "blob", account);
    String queues = endpoint(name, parts, "QueueEndpoint", "queue", account);
    if (blobs == null && queues == null) {
      throw wrong(
          name, "there is neither an AccountName nor a BlobEndpoint or QueueEndpoint in it");
    }
    return new StorageConnection(
        name,
        blobs,
        queues,
        account,
        key,
        key != null || signature == null ? null : signature.replaceFirst("^\\?", ""));
  }

  private static Map<String, String> parts(String name, String text) {
    Map<String, String> parts = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String part : text.split(";", -1)) {
      if (part.isBlank()) {
        continue;
      }
      int equals = part.indexOf('=');
      if (equals <= 0) {
        throw wrong(name, "it has a part that is not NAME=VALUE");
      }
      String value = part.substring(equals + 1).strip();
      if (!value.isEmpty()) {
        parts.put(part.substring(0, equals).strip(), value);
      }
    }
    return parts;
  }

  private static StorageConnection emulator(String name, String proxy) {
    String host = address(name, "DevelopmentStorageProxyUri", proxy).replaceFirst(":\\d+$", "");
    return new StorageConnection(
        name,
        host + ":10000/" + EMULATOR_ACCOUNT,
        host + ":10001/" + EMULATOR_ACCOUNT,
        EMULATOR_ACCOUNT,
        EMULATOR_KEY,
        null);
  }

  private static @Nullable String endpoint(
      String name,
      Map<String, String> parts,
      String part,
      String service,
      @Nullable String account) {
    String given = parts.get(part);
    if (given != null) {
      return address(name, part, given);
    }
    return account == null
        ? null
        : address(
            name,
            "address that follows from AccountName",
            "%s://%s.%s.%s"
                .formatted(
                    parts.getOrDefault("DefaultEndpointsProtocol", "https"),
                    account,
                    service,
                    parts.getOrDefault("EndpointSuffix", "core.windows.net")));
  }

  /** An address without slashes at its end. */
  private static String address(String name, String part, String text) {
    try {
      URI uri = new URI(text);
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      if ((scheme.equals("http") || scheme.equals("https"))
          && uri.getHost() != null
          && uri.getQuery() == null) {
        return text.replaceFirst("/+$", "");
      }
    } catch (URISyntaxException e) {
      // Its message has the text.
    }
    throw wrong(name, "the %s is not an http or https address".formatted(part));
  }

  private static void requireBase64(String name, String key) {
    try {
      byte[] unused = Base64.getDecoder().decode(key);
    } catch (IllegalArgumentException e) {
      throw wrong(name, "the AccountKey is not Base64; it may have been cut off");
    }
  }

  private static InvalidTriggerException wrong(String name, String what) {
    return new InvalidTriggerException(
        "The setting of the storage connection '%s' is not a connection string: %s. It has to be like DefaultEndpointsProtocol=https;AccountName=...;AccountKey=..., or UseDevelopmentStorage=true."
            .formatted(name, what));
  }

  /**
   * The address of the service for blobs.
   *
   * @throws InvalidTriggerException if there is none
   */
  String blobService() {
    if (blobs == null) {
      throw wrong(name, "there is neither an AccountName nor a BlobEndpoint in it");
    }
    return blobs;
  }

  /**
   * The address of the service for queues.
   *
   * @throws InvalidTriggerException if there is none
   */
  String queueService() {
    if (queues == null) {
      throw wrong(name, "there is neither an AccountName nor a QueueEndpoint in it");
    }
    return queues;
  }

  @Override
  public String toString() {
    return "StorageConnection[" + name + "]";
  }
}
