package dev.perdure.iothub.device;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The devices of a hub: a JSON file in its directory. Thread-safe, also among processes: the file
 * is replaced as a whole while a lock is held, and whoever reads sees the newest.
 */
public final class Devices {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9\\-:.%_*?!(),=@;$']{1,128}");
  private static final int KEY_BYTES = 32;

  /** File locks are for processes; among threads, this, whatever the directory. */
  private static final Object IN_THIS_PROCESS = new Object();

  private static final SecureRandom RANDOM = new SecureRandom();

  /**
   * What a file was when it was read. Each change is a file of its own, with another key; where the
   * system has no such keys, time and size have to do.
   */
  private record Version(@Nullable Object fileKey, FileTime modifiedAt, long size) {}

  private record Read(@Nullable Version version, SequencedMap<String, Device> devices) {}

  private final Path file;
  private final Path lockFile;
  private volatile Read last = new Read(null, new TreeMap<>());

  /**
   * @param directory the hub's; need not exist yet
   */
  public Devices(Path directory) {
    this.file = directory.resolve("devices.json");
    this.lockFile = directory.resolve("devices.lock");
  }

  /**
   * Adds a device with new keys.
   *
   * @param id up to 128 ASCII letters, digits and some punctuation, as in IoT Hub, without + and #,
   *     which cannot be part of the topics of MQTT
   * @throws IllegalArgumentException if the id cannot be one
   * @throws DeviceRegistryException if there is such a device, or the file cannot be written
   */
  public Device add(String id) {
    return change(
        devices -> {
          if (devices.containsKey(id)) {
            throw new DeviceRegistryException(
                "There is a device '%s' already. Use it, or remove it first.".formatted(id));
          }
          return put(devices, id);
        });
  }

  /** Adds those devices that do not exist, and returns all of them in the same order. */
  public List<Device> addMissing(Collection<String> ids) {
    return change(
        devices -> {
          List<Device> wanted = new ArrayList<>();
          for (String id : ids) {
            Device known = devices.get(id);
            wanted.add(known == null ? put(devices, id) : known);
          }
          return wanted;
        });
  }

  private static Device put(SequencedMap<String, Device> devices, String id) {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "The device id is '%s'; use 1 to 128 ASCII letters, digits and - : . %% _ * ? ! ( ) , = @ ; $ '."
              .formatted(id));
    }
    Device device =
        new Device(
            id,
            newKey(),
            newKey(),
            Long.toUnsignedString(RANDOM.nextLong() >>> 1),
            Instant.now().truncatedTo(ChronoUnit.MILLIS));
    devices.put(id, device);
    return device;
  }

  private static String newKey() {
    byte[] key = new byte[KEY_BYTES];
    RANDOM.nextBytes(key);
    return Base64.getEncoder().encodeToString(key);
  }

  /**
   * Removes a device. If it is connected, it stays so until it connects anew.
   *
   * @return whether there was one
   */
  public boolean remove(String id) {
    return change(devices -> devices.remove(id) != null);
  }

  /** All devices, by id. */
  public List<Device> list() {
    return List.copyOf(read().devices().values());
  }

  /** The device with an id, or null if there is none. */
  public @Nullable Device find(String id) {
    return read().devices().get(id);
  }

  private Read read() {
    Read known = last;
    try {
      Version now = version();
      if (!now.equals(known.version())) {
        // Read after its version was taken: should it change in between, it is read once more.
        known = new Read(now, decode(Files.readString(file)));
        last = known;
      }
      return known;
    } catch (NoSuchFileException none) {
      return new Read(null, new TreeMap<>());
    } catch (IOException e) {
      throw failure("read", e);
    }
  }

  private Version version() throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new Version(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
  }

  private interface Change<T> {
    T apply(SequencedMap<String, Device> devices);
  }

  private <T> T change(Change<T> change) {
    synchronized (IN_THIS_PROCESS) {
      return changeAlone(change);
    }
  }

  private <T> T changeAlone(Change<T> change) {
    try {
      Path directory = file.toAbsolutePath().getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        SequencedMap<String, Device> devices = new TreeMap<>(read().devices());
        T result = change.apply(devices);
        if (!devices.equals(read().devices())) {
          SecretFile.replace(file, encode(devices.values()));
        }
        return result;
      }
    } catch (IOException e) {
      throw failure("changed", e);
    }
  }

  private DeviceRegistryException failure(String what, IOException e) {
    return new DeviceRegistryException(
        "The devices in %s cannot be %s: %s. Look at its permissions and the disk."
            .formatted(file, what, e),
        e);
  }

  private static String encode(Collection<Device> devices) {
    JsonArray array = new JsonArray();
    for (Device device : devices) {
      array.add(
          new JsonObject()
              .put("deviceId", device.id())
              .put("primaryKey", device.primaryKey())
              .put("secondaryKey", device.secondaryKey())
              .put("generationId", device.generationId())
              .put("createdAt", device.createdAt().toString()));
    }
    return new JsonObject().put("devices", array).encodePrettily() + "\n";
  }

  private SequencedMap<String, Device> decode(String text) {
    SequencedMap<String, Device> devices = new TreeMap<>();
    try {
      for (Object entry : new JsonObject(text).getJsonArray("devices", new JsonArray())) {
        Device device = device((JsonObject) entry);
        devices.put(device.id(), device);
      }
      return devices;
    } catch (DecodeException
        | ClassCastException
        | IllegalArgumentException
        | NullPointerException
        | DateTimeParseException e) {
      // Without the cause: a parser's message may show a key.
      throw new DeviceRegistryException(
          "The file %s is not the JSON of devices that it should be. Correct it, or remove it and add the devices again."
              .formatted(file));
    }
  }

  private static Device device(JsonObject json) {
    String createdAt = json.getString("createdAt");
    Device device =
        new Device(
            required(json, "deviceId"),
            required(json, "primaryKey"),
            json.getString("secondaryKey", json.getString("primaryKey")),
            json.getString("generationId", "0"),
            createdAt == null ? Instant.EPOCH : Instant.parse(createdAt));
    if (device.primaryKeyBytes().length == 0 || device.secondaryKeyBytes().length == 0) {
      throw new IllegalArgumentException("A key is empty");
    }
    return device;
  }

  private static String required(JsonObject json, String name) {
    String value = json.getString(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }
}
