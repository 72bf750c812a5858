package dev.perdure.trigger.eventhubs;

import com.azure.core.amqp.exception.AmqpErrorCondition;
import com.azure.core.amqp.exception.AmqpException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;

/** What failures of the client mean for the person who runs the app. */
final class Failures {
  private Failures() {}

  /** Whether waiting alone will not help. */
  static boolean isLasting(Throwable failure) {
    AmqpErrorCondition condition = condition(failure);
    return condition == AmqpErrorCondition.NOT_FOUND
        || condition == AmqpErrorCondition.UNAUTHORIZED_ACCESS
        || condition == AmqpErrorCondition.ARGUMENT_ERROR
        || condition == AmqpErrorCondition.NOT_ALLOWED;
  }

  /** Whether a thread was interrupted. */
  static boolean isInterruption(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof InterruptedException) {
        return true;
      }
    }
    return false;
  }

  /**
   * A sentence or two, without secrets.
   *
   * @param group the consumer group; null if it plays no part
   */
  static String sentence(Throwable failure, EventHubConnection connection, @Nullable String group) {
    Throwable cause = Exceptions.unwrap(failure);
    AmqpErrorCondition condition = condition(cause);
    if (condition == AmqpErrorCondition.NOT_FOUND) {
      return group == null
          ? "There is no event hub %s.".formatted(connection.place())
          : "There is no event hub %s, or it has no consumer group '%s'."
              .formatted(connection.place(), group);
    }
    if (condition == AmqpErrorCondition.UNAUTHORIZED_ACCESS) {
      return "The event hub %s refuses the key of the connection string: it is wrong, expired, or lacks the right to listen or send."
          .formatted(connection.place());
    }
    if (condition == AmqpErrorCondition.LINK_STOLEN) {
      return "Another reader has taken a partition of the event hub %s. Give each function and each program a consumer group of its own."
          .formatted(connection.place());
    }
    if (condition == AmqpErrorCondition.TIMEOUT_ERROR
        || cause instanceof TimeoutException
        || cause instanceof IllegalStateException) {
      return "The event hub %s does not answer.%s"
          .formatted(
              connection.place(),
              connection.isEmulator()
                  ? " The connection says that it is an emulator on this machine; 'perdure iothub' starts one."
                  : "");
    }
    String message = cause.getMessage() == null ? cause.toString() : firstLine(cause.getMessage());
    return "The event hub %s cannot be used: %s%s"
        .formatted(
            connection.place(),
            message,
            connection.isEmulator() && condition == AmqpErrorCondition.CONNECTION_FRAMING_ERROR
                ? ". Perhaps nothing listens there; 'perdure iothub' starts a hub."
                : "");
  }

  /** The client appends details over several lines and in a bracket. */
  private static String firstLine(String message) {
    String line = message.strip().lines().findFirst().orElse("").strip();
    int details = line.indexOf(", errorContext[");
    return details < 0 ? line : line.substring(0, details);
  }

  private static @Nullable AmqpErrorCondition condition(@Nullable Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof AmqpException amqp && amqp.getErrorCondition() != null) {
        return amqp.getErrorCondition();
      }
    }
    return null;
  }
}
