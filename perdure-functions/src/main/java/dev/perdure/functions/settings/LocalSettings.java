package dev.perdure.functions.settings;

import dev.perdure.functions.text.InvalidFileException;
import dev.perdure.functions.text.JsonFile;
import dev.perdure.functions.text.Similar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What local.settings.json says.
 *
 * @param values its settings
 * @param host how the host listens
 * @param notes what has no meaning, a sentence each
 */
record LocalSettings(Map<String, String> values, LocalHost host, List<String> notes) {
  static final String NAME = "local.settings.json";

  private static final List<String> SECTIONS =
      List.of("IsEncrypted", "Values", "ConnectionStrings", "Host");
  private static final List<String> HOST_KEYS =
      List.of("LocalHttpPort", "LocalHttpAddress", "CORS", "CORSCredentials");

  static LocalSettings read(Path file) {
    Map<String, Object> all = anyCase(JsonFile.secretObject(file, NAME));
    List<String> notes = new ArrayList<>();
    noteUnknown(all, SECTIONS, "", notes);
    checkEncryption(all);
    Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    section(all, "Values")
        .forEach((name, value) -> values.put(name, scalar(value, "Values." + name)));
    section(all, "ConnectionStrings")
        .forEach(
            (name, value) ->
                values.put("ConnectionStrings:" + name, connectionString(name, value)));
    return new LocalSettings(values, host(section(all, "Host"), notes), notes);
  }

  private static void checkEncryption(Map<String, Object> all) {
    Object encrypted = all.get("IsEncrypted");
    if (encrypted == null) {
      throw new InvalidFileException(
          "%s has no IsEncrypted, which counts as true, and only plain values can be read. Add \"IsEncrypted\": false."
              .formatted(NAME));
    }
    if (!encrypted.toString().strip().equalsIgnoreCase("false")) {
      throw new InvalidFileException(
          "%s is encrypted (IsEncrypted is not false), and only plain values can be read. Run 'func settings decrypt', or write plain values and \"IsEncrypted\": false."
              .formatted(NAME));
    }
  }

  private static String connectionString(String name, Object value) {
    String place = "ConnectionStrings." + name;
    if (!(value instanceof Map<?, ?> object)) {
      return scalar(value, place);
    }
    Object text = anyCase(object).get("ConnectionString");
    if (text == null) {
      throw new InvalidFileException("%s: %s has no ConnectionString.".formatted(NAME, place));
    }
    return scalar(text, place + ".ConnectionString");
  }

  private static LocalHost host(Map<String, Object> host, List<String> notes) {
    noteUnknown(host, HOST_KEYS, "Host.", notes);
    List<String> origins =
        Arrays.stream(text(host, "CORS", "").split(",", -1))
            .map(String::strip)
            .filter(origin -> !origin.isEmpty())
            .toList();
    boolean credentials = flag(host);
    if (credentials && origins.contains("*")) {
      notes.add(
          "%s: Host.CORSCredentials has no effect, because Host.CORS is '*'; name the origins."
              .formatted(NAME));
      credentials = false;
    }
    String address = text(host, "LocalHttpAddress", "");
    return new LocalHost(port(host), address.isEmpty() ? null : address, origins, credentials);
  }

  private static @Nullable Integer port(Map<String, Object> host) {
    Object value = host.get("LocalHttpPort");
    if (value == null) {
      return null;
    }
    try {
      int port = Integer.parseInt(value.toString().strip());
      if (port >= 0 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new InvalidFileException(
        "%s: Host.LocalHttpPort is '%s'; it must be a number from 0 to 65535."
            .formatted(NAME, value));
  }

  private static boolean flag(Map<String, Object> host) {
    String value = text(host, "CORSCredentials", "false").strip();
    if (value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false")) {
      return Boolean.parseBoolean(value);
    }
    throw new InvalidFileException(
        "%s: Host.CORSCredentials is '%s'; it must be true or false.".formatted(NAME, value));
  }

  private static String text(Map<String, Object> section, String key, String otherwise) {
    Object value = section.get(key);
    return value == null ? otherwise : scalar(value, "Host." + key);
  }

  private static String scalar(Object value, String place) {
    if (value instanceof Map<?, ?> || value instanceof List<?>) {
      throw new InvalidFileException(
          "%s: %s must be a text; settings cannot be objects or arrays.".formatted(NAME, place));
    }
    return value.toString();
  }

  private static Map<String, Object> section(Map<String, Object> all, String name) {
    Object value = all.get(name);
    if (value == null) {
      return Map.of();
    }
    if (!(value instanceof Map<?, ?> object)) {
      throw new InvalidFileException("%s: %s must be an object, { ... }.".formatted(NAME, name));
    }
    return anyCase(object);
  }

  private static void noteUnknown(
      Map<String, Object> section, List<String> known, String place, List<String> notes) {
    for (String key : section.keySet()) {
      if (known.stream().noneMatch(key::equalsIgnoreCase)) {
        notes.add(
            "%s: %s%s is unknown and has no effect.%s"
                .formatted(NAME, place, key, Similar.didYouMean(key, known)));
      }
    }
  }

  private static Map<String, Object> anyCase(Map<?, ?> object) {
    Map<String, Object> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    object.forEach((key, value) -> copy.put(String.valueOf(key), value));
    return copy;
  }
}
