package dev.perdure.functions.timer;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.TriggerType;
import java.time.Duration;

/**
 * Runs functions by the clock. Its hub has to know the entity {@link TimerState}, which remembers
 * where timers stand.
 */
public final class TimerTrigger implements TriggerType {
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final Ticker ticker;
  private final Duration closing;

  /** Timers that wait in real time. */
  public TimerTrigger() {
    this(Ticker.SLEEPING, CLOSING);
  }

  /**
   * Timers for tests.
   *
   * @param closing how long a run may go on when the host closes, before it is interrupted
   */
  TimerTrigger(Ticker ticker, Duration closing) {
    this.ticker = ticker;
    this.closing = closing;
  }

  @Override
  public String type() {
    return "timerTrigger";
  }

  @Override
  public Trigger create(
      FunctionDefinition function, FunctionRunner runner, TriggerEnvironment environment) {
    Binding binding = function.trigger();
    Timetable timetable =
        Timetable.of(
            schedule(binding, environment.settings()), TimeZones.of(environment.settings()));
    boolean monitored = binding.flag("useMonitor", true) && !timetable.schedule().isFrequent();
    return new ScheduledFunction(
        function.name(),
        timetable,
        binding.flag("runOnStartup", false),
        monitored ? new TimerMonitor(environment.hub(), function.name()) : null,
        runner,
        environment.clock(),
        ticker,
        closing);
  }

  private static String schedule(Binding binding, Settings settings) {
    try {
      return settings.resolve(binding.text("schedule", "")).strip();
    } catch (MissingSettingException e) {
      throw new InvalidTriggerException("The schedule is wrong: " + e.getMessage(), e);
    }
  }
}
