package dev.perdure.trigger.sql.mariadb;

import dev.perdure.trigger.sql.change.CannotWatchException;

/** The server has a log whose file has the right name and is another one. */
final class OtherLogException extends CannotWatchException {
  private static final long serialVersionUID = 1L;

  OtherLogException(String file) {
    super("The server has another binary log of the name %s.".formatted(file));
  }
}
