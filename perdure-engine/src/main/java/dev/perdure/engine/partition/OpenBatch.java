package dev.perdure.engine.partition;

import dev.perdure.engine.codec.Encoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a partition has decided since its last batch was closed: log entries, and the effects that
 * wait for them to be durable.
 */
final class OpenBatch {
  final Encoder log = new Encoder(16 << 10);
  final List<Effect> effects = new ArrayList<>();

  /** Messages to acknowledge once this is durable: sender, number. */
  final Map<Integer, Long> acknowledgements = new HashMap<>();

  long firstPosition;
  long lastPosition;

  /** When the first entry or effect came, by the clock of the environment. */
  long openedNanos;

  /** Whether somebody waits for this to be durable. */
  boolean urgent;

  boolean isEmpty() {
    return log.size() == 0 && effects.isEmpty() && acknowledgements.isEmpty();
  }

  void clear() {
    log.clear();
    effects.clear();
    acknowledgements.clear();
    urgent = false;
  }
}
