package dev.perdure.testing;

/** When a host is killed, after the hub was opened for the first time. */
public sealed interface CrashPoint {
  /**
   * At a commit.
   *
   * @param commit which one, counting from 1
   * @param side just before the commit is durable, or just after
   */
  record AtCommit(int commit, Side side) implements CrashPoint {
    /** Such as {@code just before commit 3}. */
    @Override
    public String toString() {
      return "just %s commit %d".formatted(side == Side.BEFORE ? "before" : "after", commit);
    }
  }

  /**
   * When an activity has run, and its result is not durable yet.
   *
   * @param run which run of an activity, in the order in which they ended, counting from 1
   */
  record AfterActivity(int run) implements CrashPoint {
    /** Such as {@code with the result of activity run 3}. */
    @Override
    public String toString() {
      return "with the result of activity run " + run;
    }
  }

  /** Which side of a commit. */
  enum Side {
    /** The commit never reaches the disk. */
    BEFORE,
    /** The commit is on the disk, but nobody has been told. */
    AFTER
  }
}
