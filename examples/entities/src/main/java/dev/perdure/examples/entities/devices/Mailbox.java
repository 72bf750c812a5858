package dev.perdure.examples.entities.devices;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands for a service of somebody else that sends mails. As good services do, it takes a key with
 * each, and a second mail with the same key for the same mail. Safe from any thread.
 */
final class Mailbox {
  private final Map<String, String> sent = new ConcurrentHashMap<>();

  /** Sends a mail, unless there was one with this key. */
  void send(String key, String text) {
    String unused = sent.putIfAbsent(key, text);
  }

  /** All mails that were sent, sorted. */
  List<String> sent() {
    return sent.values().stream().sorted().toList();
  }
}
