package dev.perdure.iothub.amqp;

import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;

/** Why a link cannot be had, or is taken away. */
final class Refusal extends Exception {
  static final String NOT_FOUND = "amqp:not-found";
  static final String OUT_OF_RANGE = "com.microsoft:argument-out-of-range";
  static final String UNAUTHORIZED = "amqp:unauthorized-access";
  static final String STOLEN = "amqp:link:stolen";
  static final String TOO_LARGE = "amqp:link:message-size-exceeded";
  static final String MALFORMED = "amqp:decode-error";
  static final String INTERNAL = "amqp:internal-error";
  static final String INVALID = "amqp:invalid-field";

  private static final long serialVersionUID = 1;

  private final String condition;

  /**
   * @param condition one of AMQP or of Event Hubs
   * @param message sentences for people
   */
  Refusal(String condition, String message) {
    super(message);
    this.condition = condition;
  }

  /**
   * That something is not there, in the words that client libraries look for: without them they
   * take it for a fault that passes, and try again.
   */
  static String notFound(String entity) {
    return "The messaging entity '%s' could not be found.".formatted(entity);
  }

  String condition() {
    return condition;
  }

  ErrorCondition toError() {
    return error(condition, String.valueOf(getMessage()));
  }

  static ErrorCondition error(String condition, String message) {
    return new ErrorCondition(Symbol.valueOf(condition), message);
  }
}
