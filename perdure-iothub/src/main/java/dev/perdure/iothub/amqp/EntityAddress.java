package dev.perdure.iothub.amqp;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a link is to be attached to.
 *
 * @param hub the name as the client wrote it
 * @param consumerGroup null if none is named
 * @param partition its id; null if none is named
 */
record EntityAddress(String hub, @Nullable String consumerGroup, @Nullable String partition) {
  private static final String GROUPS = "/consumergroups/";
  private static final String PARTITIONS = "/partitions/";

  /**
   * Reads {@code hub[/ConsumerGroups/group][/Partitions/id]}, with or without a slash in front or
   * scheme and host. Upper and lower case are the same.
   */
  static EntityAddress parse(String text) {
    String path = path(text);
    String partition = null;
    String group = null;
    int at = path.toLowerCase(Locale.ROOT).lastIndexOf(PARTITIONS);
    if (at >= 0) {
      partition = path.substring(at + PARTITIONS.length());
      path = path.substring(0, at);
    }
    at = path.toLowerCase(Locale.ROOT).lastIndexOf(GROUPS);
    if (at >= 0) {
      group = path.substring(at + GROUPS.length());
      path = path.substring(0, at);
    }
    return new EntityAddress(path, group, partition);
  }

  /** An address or audience without scheme, host and outer slashes. */
  static String path(String text) {
    String path = text;
    int scheme = path.indexOf("://");
    if (scheme >= 0) {
      int slash = path.indexOf('/', scheme + 3);
      path = slash < 0 ? "" : path.substring(slash);
    }
    if (path.startsWith("/")) {
      path = path.substring(1);
    }
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
