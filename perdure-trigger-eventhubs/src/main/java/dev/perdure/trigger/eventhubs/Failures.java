package dev.perdure.trigger.eventhubs;

import com.azure.core.amqp.exception.AmqpErrorCondition;
import com.azure.core.amqp.exception.AmqpException;
import com.azure.core.exception.HttpResponseException;
import java.io.EOFException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;

/** What failures of the client mean for the person who runs the app. */
final class Failures {
  private Failures() {}

  /** Whether it only means that another host has taken a partition, which is how hosts share. */
  static boolean isOtherOwner(Throwable failure) {
    return condition(failure) == AmqpErrorCondition.LINK_STOLEN;
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
    if (condition == AmqpErrorCondition.TIMEOUT_ERROR
        || cause instanceof TimeoutException
        || cause instanceof RejectedExecutionException // its connection is gone
        || isTimeoutOfReactor(cause)) {
      return "The event hub %s does not answer.".formatted(connection.place());
    }
    if (cause instanceof EOFException) {
      return "The connection to the event hub %s is gone.".formatted(connection.place());
    }
    if (cause instanceof HttpResponseException) {
      return CheckpointStores.sentence(cause); // the hub itself speaks AMQP
    }
    String message = cause.getMessage() == null ? cause.toString() : firstLine(cause.getMessage());
    return "The event hub %s cannot be used: %s".formatted(connection.place(), message);
  }

  /** What waits for an answer of the client gives up in a way of its own. */
  private static boolean isTimeoutOfReactor(Throwable failure) {
    return failure instanceof IllegalStateException
        && String.valueOf(failure.getMessage()).startsWith("Timeout on blocking read");
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
