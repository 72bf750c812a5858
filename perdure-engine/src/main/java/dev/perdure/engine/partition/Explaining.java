package dev.perdure.engine.partition;

import dev.perdure.api.Explanation;
import dev.perdure.engine.instance.HistoryFacts;

/**
 * What a partition knows of why an instance is where it is, taken at one moment. The history is
 * read elsewhere: that may take a while. Safe from any thread.
 */
public interface Explaining {
  /** Whether the history has something to add. */
  boolean needsHistory();

  /** The explanation; facts of another execution than this one's are left out. */
  Explanation with(HistoryFacts facts);

  /** An explanation to which no history adds anything. */
  static Explaining made(Explanation explanation) {
    return new Explaining() {
      @Override
      public boolean needsHistory() {
        return false;
      }

      @Override
      public Explanation with(HistoryFacts facts) {
        return explanation;
      }
    };
  }
}
