package dev.perdure.engine;

import java.time.Duration;

/** How an engine runs orchestrations. Whatever the mode, their code must not notice. */
enum RunMode {
  /** They stay in memory while they wait. */
  WARM,
  /** They are taken out of memory whenever they wait, and replayed from the beginning. */
  REPLAYED_AT_EVERY_WAIT,
  /** They stay in memory, and activities start before their schedule is durable. */
  PIPELINED;

  EngineOptions applyTo(EngineOptions options) {
    return switch (this) {
      case WARM -> options;
      case REPLAYED_AT_EVERY_WAIT -> options.withWarm(0, Duration.ofSeconds(60));
      case PIPELINED -> options.withActivityStart(ActivityStart.PIPELINED);
    };
  }
}
