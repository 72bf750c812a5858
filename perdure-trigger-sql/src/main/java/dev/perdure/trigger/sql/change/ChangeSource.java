package dev.perdure.trigger.sql.change;

/** Where the changes of a table come from. */
@FunctionalInterface
public interface ChangeSource {
  /**
   * Begins where it was confirmed last, the first time with what happens from now on.
   *
   * @throws Exception if that is not possible; the message says why and what to do
   */
  ChangeStream open() throws Exception;
}
