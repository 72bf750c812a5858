package dev.perdure.iothub.codec;

/** Bytes are not an AMQP message, or not one that an event hub takes. */
public final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1;

  MalformedMessageException(String reason) {
    super("This is not a message of AMQP 1.0 that an event hub takes. " + reason);
  }
}
