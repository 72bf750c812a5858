package dev.perdure.grpc;

import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.HubBusyException;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceAlreadyExistsException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.PayloadTooLargeException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What a caller is told when a call fails. */
public final class Statuses {
  private static final System.Logger LOG = System.getLogger("dev.perdure.grpc");

  /**
   * Bytes of a text as it is sent. Clients take headers of 8 KiB, and if they are much larger the
   * whole connection hangs.
   */
  private static final int DESCRIPTION_BYTES_MAX = 4_000;

  private Statuses() {}

  /**
   * The status for an exception. What nobody expected is logged, and the caller is told no more
   * than where to find it in the log.
   *
   * @param what the call, for the log
   */
  public static StatusRuntimeException of(String what, Throwable thrown) {
    return fitting(status(what, unwrapped(thrown))).asRuntimeException();
  }

  /** A status whose text fits into the headers of an answer. */
  private static Status fitting(Status status) {
    String text = status.getDescription();
    if (text == null) {
      return status;
    }
    int bytes = 0;
    for (int at = 0; at < text.length(); ) {
      int character = text.codePointAt(at);
      bytes += bytesSent(character);
      if (bytes > DESCRIPTION_BYTES_MAX) {
        return status.withDescription(text.substring(0, at) + "...");
      }
      at += Character.charCount(character);
    }
    return status;
  }

  /** How many bytes a character takes: all but printable ASCII is sent as %XX for each byte. */
  private static int bytesSent(int character) {
    if (character < 0x80) {
      return character >= ' ' && character < 0x7f && character != '%' ? 1 : 3;
    }
    return character < 0x800 ? 6 : character < 0x10000 ? 9 : 12;
  }

  private static Throwable unwrapped(Throwable thrown) {
    Throwable at = thrown;
    while ((at instanceof CompletionException || at instanceof ExecutionException)
        && at.getCause() != null) {
      at = at.getCause();
    }
    return at;
  }

  private static Status status(String what, Throwable thrown) {
    return switch (thrown) {
      case StatusRuntimeException e -> e.getStatus();
      case StatusException e -> e.getStatus();
      case InstanceNotFoundException e -> with(Status.NOT_FOUND, e);
      case InstanceAlreadyExistsException e -> with(Status.ALREADY_EXISTS, e);
      case InvalidInstanceStateException e -> with(Status.FAILED_PRECONDITION, e);
      case FunctionNotFoundException e -> with(Status.FAILED_PRECONDITION, e);
      case InvalidInstanceIdException e -> with(Status.INVALID_ARGUMENT, e);
      case PayloadTooLargeException e -> with(Status.INVALID_ARGUMENT, e);
      case IllegalArgumentException e -> with(Status.INVALID_ARGUMENT, e);
      case HubBusyException e -> with(Status.RESOURCE_EXHAUSTED, e);
      case HubClosedException e -> with(Status.UNAVAILABLE, e);
      case CancellationException e -> with(Status.CANCELLED, e);
      default -> unexpected(what, thrown);
    };
  }

  private static Status with(Status status, Throwable thrown) {
    return status.withDescription(Objects.requireNonNullElse(thrown.getMessage(), ""));
  }

  private static Status unexpected(String what, Throwable thrown) {
    String id = UUID.randomUUID().toString();
    LOG.log(System.Logger.Level.ERROR, what + " failed unexpectedly, error " + id, thrown);
    return Status.INTERNAL.withDescription(
        "The server failed in a way that it should not. Its log tells more under error "
            + id
            + ".");
  }
}
