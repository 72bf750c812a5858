package dev.perdure.trigger.storage;

import java.time.Duration;

/** What becomes of a message. */
sealed interface Fate {
  /** It is worked on. */
  record Run() implements Fate {}

  /** It is done with, and deleted. */
  record Delete() implements Fate {}

  /** It is copied to the queue for messages that fail again and again, and deleted. */
  record Poison() implements Fate {}

  /**
   * It comes again.
   *
   * @param after when it is visible again, from now on
   */
  record Return(Duration after) implements Fate {}

  /**
   * A copy takes its place, of which nobody has taken any yet.
   *
   * @param after when the copy is visible, from now on
   */
  record Renew(Duration after) implements Fate {}

  /** It is left alone, and comes again when the time is over for which it was taken. */
  record Leave() implements Fate {}

  /** What came of working on a message. */
  enum Result {
    SUCCEEDED,
    FAILED,
    /** The host closes; nobody can say whether it would have failed. */
    CUT_OFF,
    /** Nobody here can work on it, but somebody may. */
    NOT_NOW,
    /** What it is about could not be fetched; it was not worked on, and that is no fault of it. */
    OUT_OF_REACH
  }

  /** How long a message waits that nobody here can work on now. */
  Duration NOT_NOW_DELAY = Duration.ofSeconds(30);

  /** What becomes of a message that was just taken. */
  static Fate taken(long dequeueCount, Dequeuing options, boolean hasPoison) {
    return dequeueCount > options.attemptsMax() && hasPoison ? new Poison() : new Run();
  }

  /** What becomes of a message that was worked on. */
  static Fate after(Result result, long dequeueCount, Dequeuing options, boolean hasPoison) {
    return switch (result) {
      case SUCCEEDED -> new Delete();
      case CUT_OFF -> new Return(Duration.ZERO);
      case NOT_NOW ->
          hasPoison && dequeueCount >= options.attemptsMax()
              ? new Poison()
              : new Return(NOT_NOW_DELAY);
      case OUT_OF_REACH -> new Renew(NOT_NOW_DELAY);
      case FAILED -> {
        if (!hasPoison) {
          // At once would mean forever.
          yield new Leave();
        }
        yield dequeueCount >= options.attemptsMax()
            ? new Poison()
            : new Return(options.retryDelay());
      }
    };
  }
}
