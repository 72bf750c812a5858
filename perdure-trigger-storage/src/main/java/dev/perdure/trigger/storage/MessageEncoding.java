package dev.perdure.trigger.storage;

import dev.perdure.functions.trigger.ExtensionOptions;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the content of a message is written as the text that queues keep. */
enum MessageEncoding {
  BASE64,
  NONE;

  /** Bytes of text that a queue takes. */
  static final int BYTES_MAX = 65_536;

  /** What host.json says. */
  static MessageEncoding of(ExtensionOptions queues) {
    String text = queues.text("messageEncoding", "base64");
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "base64" -> BASE64;
      case "none" -> NONE;
      default ->
          throw new InvalidTriggerException(
              "extensions.queues.messageEncoding in host.json is '%s'; it has to be base64 or none."
                  .formatted(text));
    };
  }

  /** The content of a text; null if it cannot be read. */
  byte @Nullable [] decode(String text) {
    if (this == NONE) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    String base64 = text.replaceAll("\\s", "");
    if (base64.length() % 4 != 0) {
      return null;
    }
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * The text for a content.
   *
   * @throws IllegalArgumentException if a queue would not take it
   */
  String encode(byte[] content) {
    String text =
        this == NONE
            ? new String(content, StandardCharsets.UTF_8)
            : Base64.getEncoder().encodeToString(content);
    int bytes = this == NONE ? content.length : text.length();
    if (bytes > BYTES_MAX) {
      throw new IllegalArgumentException(
          "The message has %d bytes%s, and a queue takes %d at most. Put the content into a blob and its name into the message."
              .formatted(
                  content.length, this == NONE ? "" : ", " + bytes + " as Base64", BYTES_MAX));
    }
    if (this == NONE && text.chars().anyMatch(MessageEncoding::isNotInXml)) {
      throw new IllegalArgumentException(
          "The message has control characters, which queues do not take. Use messageEncoding base64 in host.json (extensions.queues).");
    }
    return text;
  }

  private static boolean isNotInXml(int c) {
    return (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0xFFFE || c == 0xFFFF;
  }
}
