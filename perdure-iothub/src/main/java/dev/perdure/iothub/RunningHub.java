package dev.perdure.iothub;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Where the hub of a directory listens, for other programs on this machine: a file that is there
 * while it runs, and stays behind if it is killed.
 *
 * @param host the name by which it is reached
 * @param mqttPort for devices, without TLS
 * @param amqpPort for consumers and producers
 */
public record RunningHub(String host, int mqttPort, int amqpPort) {
  private static final String FILE = "running.properties";

  /** What the hub of a directory has said, or null if it has said nothing. */
  public static @Nullable RunningHub find(Path directory) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(directory.resolve(FILE))) {
      properties.load(reader);
      return new RunningHub(
          properties.getProperty("host", "localhost"),
          Integer.parseInt(properties.getProperty("mqttPort", "")),
          Integer.parseInt(properties.getProperty("amqpPort", "")));
    } catch (IOException | IllegalArgumentException e) {
      return null; // none, or one that is just being written
    }
  }

  void write(Path directory) {
    Properties properties = new Properties();
    properties.setProperty("host", host);
    properties.setProperty("mqttPort", Integer.toString(mqttPort));
    properties.setProperty("amqpPort", Integer.toString(amqpPort));
    try {
      StringWriter text = new StringWriter();
      properties.store(text, null);
      Files.writeString(directory.resolve(FILE), text.toString());
    } catch (IOException e) {
      throw new IotHubException(
          "The directory %s cannot be written to: %s.".formatted(directory, e), e);
    }
  }

  static void remove(Path directory) {
    try {
      Files.deleteIfExists(directory.resolve(FILE));
    } catch (IOException e) {
      throw new IotHubException(
          "The directory %s cannot be written to: %s.".formatted(directory, e), e);
    }
  }
}
