package dev.perdure.trigger.eventhubs;

/** An event is not what a function needs. */
final class UnreadableEventException extends Exception {
  private static final long serialVersionUID = 1;

  UnreadableEventException(String message) {
    super(message);
  }
}
