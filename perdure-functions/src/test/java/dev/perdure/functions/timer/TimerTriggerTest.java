package dev.perdure.functions.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.Direction;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.Value;
import dev.perdure.testing.TestHub;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Timer functions in the time of a test hub, which begins on Thursday, 1 January 2026, 9:00. */
@Timeout(60)
class TimerTriggerTest {
  private static final String NAME = "Cleanup";

  private final Map<String, Object> attributes = new HashMap<>();
  private final Map<String, String> settings = new HashMap<>();
  private final List<String> runs = new CopyOnWriteArrayList<>();
  private final List<Invocation> invocations = new CopyOnWriteArrayList<>();
  private FunctionRunner function = invocation -> new Outcome(null, null);
  private Duration closing = Duration.ofSeconds(5);

  private TestHub hub;
  private VirtualTicker ticker;
  private Trigger timer;

  @BeforeEach
  void openTheHub() {
    hub =
        TestHub.builder()
            .partitions(1)
            .startTime(Instant.parse("2026-01-01T09:00:00Z"))
            .register(TimerState.class)
            .open();
    ticker = new VirtualTicker(hub);
  }

  @AfterEach
  void closeTheHub() {
    stop();
    hub.checkNothingIsStuck();
    hub.close();
  }

  private Trigger create() {
    FunctionDefinition definition =
        new FunctionDefinition(
            NAME,
            "app.Functions",
            "cleanup",
            List.of(new Binding("TimerTrigger", Direction.IN, "timer", attributes)),
            null);
    return new TimerTrigger(ticker, closing)
        .create(
            definition,
            this::run,
            new TriggerEnvironment(
                Settings.of(settings), HostSettings.DEFAULTS, hub::now, hub.client()));
  }

  private Outcome run(Invocation invocation) throws InterruptedException {
    runs.add((isPastDue(invocation) ? "past due " : "") + hub.now());
    invocations.add(invocation);
    return function.run(invocation);
  }

  private static boolean isPastDue(Invocation invocation) {
    return json(invocation).endsWith("\"IsPastDue\":true}");
  }

  private static String json(Invocation invocation) {
    return ((Value.Text) invocation.value()).text();
  }

  private void schedule(String text) {
    attributes.put("schedule", text);
  }

  /** Starts the timer, and waits until what it does at once is over. */
  private void start() {
    startAndGoOn();
    ticker.whenWaiting();
  }

  private void startAndGoOn() {
    timer = create();
    timer.start();
  }

  private void stop() {
    if (timer != null) {
      timer.close();
    }
  }

  private void advance(String duration) {
    ticker.advance(Duration.parse(duration));
  }

  private TimerStatus recorded() {
    TimerState state = hub.entityState(TimerState.idOf(NAME), TimerState.class);
    return state == null ? null : state.status();
  }

  private static Instant at(String time) {
    return Instant.parse(time);
  }

  // ---- running --------------------------------------------------------------------------------

  @Test
  void aFunctionRunsAtItsTimes() {
    schedule("0 */5 * * * *");
    start();
    advance("PT12M");
    assertThat(runs).containsExactly("2026-01-01T09:05:00Z", "2026-01-01T09:10:00Z");
  }

  @Test
  void aTimeSpanRunsAFunctionAgainAndAgain() {
    schedule("00:07:30");
    start();
    advance("PT16M");
    assertThat(runs).containsExactly("2026-01-01T09:07:30Z", "2026-01-01T09:15:00Z");
  }

  @Test
  void aRunThatTakesTimeDoesNotShiftATimeSpan() {
    schedule("00:05:00");
    function = takes("PT2M");
    start();
    advance("PT11M");
    assertThat(runs).containsExactly("2026-01-01T09:05:00Z", "2026-01-01T09:10:00Z");
  }

  @Test
  void aRunThatOutlastsTheIntervalDelaysTheNextWhichIsReckonedFromItsEnd() {
    schedule("00:05:00");
    function = takes("PT7M");
    start();
    advance("PT20M");
    assertThat(runs).containsExactly("2026-01-01T09:05:00Z", "2026-01-01T09:17:00Z");
  }

  @Test
  void aRunThatOutlastsSeveralTimesOfACronScheduleDelaysThemToTheNextAfterItsEnd() {
    schedule("0 */5 * * * *");
    function = takes("PT12M");
    start();
    advance("PT30M");
    assertThat(runs).containsExactly("2026-01-01T09:05:00Z", "2026-01-01T09:20:00Z");
  }

  @Test
  void aFailingRunDoesNotChangeTheSchedule() {
    schedule("0 */5 * * * *");
    AtomicInteger count = new AtomicInteger();
    function =
        invocation -> {
          if (count.incrementAndGet() == 1) {
            return new Outcome(null, new IllegalStateException("meant to be"));
          }
          throw new IllegalStateException("a defect of the host, meant to be");
        };
    start();
    advance("PT16M");
    assertThat(runs)
        .containsExactly("2026-01-01T09:05:00Z", "2026-01-01T09:10:00Z", "2026-01-01T09:15:00Z");
    assertThat(recorded().next()).isEqualTo("2026-01-01T09:20:00Z");
  }

  @Test
  void aRunThatLeavesItsThreadInterruptedDoesNotEndTheTimer() {
    schedule("0 */5 * * * *");
    function =
        invocation -> {
          Thread.currentThread().interrupt();
          return new Outcome(null, new IllegalStateException("meant to be"));
        };
    start();
    advance("PT11M");
    assertThat(runs).containsExactly("2026-01-01T09:05:00Z", "2026-01-01T09:10:00Z");
  }

  @Test
  void runOnStartupRunsAtOnceAndThenByTheSchedule() {
    schedule("0 0 10 * * *");
    attributes.put("runOnStartup", true);
    start();
    advance("PT1H");
    assertThat(runs).containsExactly("2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z");
  }

  @Test
  void timesAreLocalToTheZoneOfTheSettings() {
    schedule("0 30 10 * * *");
    settings.put("TZ", "Europe/Berlin");
    start();
    advance("PT24H");
    assertThat(runs).containsExactly("2026-01-01T09:30:00Z");
    assertThat(json(invocations.getFirst())).contains("\"Next\":\"2026-01-01T10:30:00+01:00\"");
  }

  @Test
  void theZoneOfTheWebsiteGoesBeforeThatOfTheSystem() {
    schedule("0 30 10 * * *");
    settings.put("TZ", "America/New_York");
    settings.put("WEBSITE_TIME_ZONE", "Europe/Berlin");
    start();
    assertThat(ticker.whenWaiting()).isEqualTo("2026-01-01T09:30:00Z");
  }

  // ---- what the function is told ----------------------------------------------------------------

  @Test
  void aFunctionIsToldWhereItsTimerStandsAsJson() {
    schedule("0 */5 * * * *");
    start();
    advance("PT10M");
    assertThat(invocations)
        .extracting(TimerTriggerTest::json)
        .containsExactly(
            """
            {"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"0001-01-01T00:00:00+00:00","Next":"2026-01-01T09:05:00+00:00","LastUpdated":"2026-01-01T09:00:00+00:00"},"IsPastDue":false}""",
            """
            {"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"2026-01-01T09:05:00+00:00","Next":"2026-01-01T09:10:00+00:00","LastUpdated":"2026-01-01T09:05:00+00:00"},"IsPastDue":false}""");
    Invocation last = invocations.getLast();
    assertThat(last.metadata())
        .isEqualTo(Map.of("TimerTrigger", new Value.Text("2026-01-01T09:10:00+00:00")));
    assertThat(last.reason()).isEqualTo("Timer fired at 2026-01-01T09:10:00+00:00");
  }

  @Test
  void fractionsOfASecondAreShownWithoutZerosAtTheEnd() {
    schedule("00:05:00");
    hub.advance(Duration.ofMillis(120));
    start();
    advance("PT5M");
    assertThat(json(invocations.getFirst()))
        .isEqualTo(
            """
            {"Schedule":{"AdjustForDST":false},"ScheduleStatus":{"Last":"0001-01-01T00:00:00+00:00","Next":"2026-01-01T09:05:00.12+00:00","LastUpdated":"2026-01-01T09:00:00.12+00:00"},"IsPastDue":false}""");
  }

  @Test
  void withoutMonitoringThereIsNoStatus() {
    schedule("0 */5 * * * *");
    attributes.put("useMonitor", "false");
    start();
    advance("PT5M");
    assertThat(json(invocations.getFirst()))
        .isEqualTo(
            """
            {"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}""");
    assertThat(recorded()).isNull();
  }

  @Test
  void byHandAFunctionGetsAnOrdinaryTimerAndTheInputIsIgnored() {
    schedule("0 */5 * * * *");
    start();
    advance("PT7M");
    Invocation byHand = timer.byHand("whatever");
    assertThat(json(byHand))
        .isEqualTo(
            """
            {"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"2026-01-01T09:05:00+00:00","Next":"2026-01-01T09:10:00+00:00","LastUpdated":"2026-01-01T09:05:00+00:00"},"IsPastDue":false}""");
    assertThat(byHand.metadata()).containsOnlyKeys("TimerTrigger");
  }

  @Test
  void byHandAFunctionCanBeRunThoughItsTimerHasNotBegun() {
    schedule("0 */5 * * * *");
    assertThat(json(create().byHand("")))
        .contains("\"Next\":\"2026-01-01T09:05:00+00:00\"")
        .endsWith("\"IsPastDue\":false}");
  }

  // ---- missed runs ------------------------------------------------------------------------------

  @Test
  void aNewTimerIsRecordedBeforeItsFirstRunSoThatEvenThatCanBeMissed() {
    schedule("0 0 10 * * *");
    start();
    assertThat(recorded())
        .isEqualTo(
            new TimerStatus(
                null,
                at("2026-01-01T10:00:00Z"),
                at("2026-01-01T09:00:00Z"),
                "0 0 10 * * *",
                "UTC"));
    stop();
    hub.advance(Duration.ofHours(3));
    start();
    assertThat(runs).containsExactly("past due 2026-01-01T12:00:00Z");
  }

  @Test
  void manyMissedRunsAreMadeUpForByOneAtOnceAndTheScheduleGoesOn() {
    schedule("0 0 * * * *");
    start();
    advance("PT1H");
    stop();
    hub.advance(Duration.ofMinutes(290));
    hub.restart();
    start();
    advance("PT20M");
    assertThat(runs)
        .containsExactly(
            "2026-01-01T10:00:00Z", "past due 2026-01-01T14:50:00Z", "2026-01-01T15:00:00Z");
  }

  @Test
  void whoeverStopsBetweenTwoRunsMissesNothing() {
    schedule("0 0 * * * *");
    start();
    advance("PT1H");
    stop();
    hub.advance(Duration.ofMinutes(50));
    hub.restart();
    start();
    advance("PT10M");
    assertThat(runs).containsExactly("2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z");
    assertThat(json(invocations.getLast())).contains("\"Last\":\"2026-01-01T10:00:00+00:00\"");
  }

  @Test
  void aTimeSpanIsNotBegunAnewByARestart() {
    schedule("01:00:00");
    start();
    stop();
    hub.advance(Duration.ofMinutes(40));
    hub.restart();
    start();
    advance("PT20M");
    assertThat(runs).containsExactly("2026-01-01T10:00:00Z");
  }

  @Test
  void aMissedRunAndOneOnStartupAreOneRun() {
    schedule("0 0 10 * * *");
    attributes.put("runOnStartup", true);
    start();
    stop();
    hub.advance(Duration.ofHours(2));
    start();
    assertThat(runs).containsExactly("2026-01-01T09:00:00Z", "past due 2026-01-01T11:00:00Z");
  }

  @Test
  void withoutMonitoringNothingIsMissed() {
    schedule("0 0 10 * * *");
    attributes.put("useMonitor", false);
    start();
    stop();
    hub.advance(Duration.ofHours(2));
    start();
    advance("PT24H");
    assertThat(runs).containsExactly("2026-01-02T10:00:00Z");
  }

  @Test
  void schedulesOfSecondsAreNotMonitored() {
    schedule("*/10 * * * * *");
    attributes.put("useMonitor", true);
    start();
    advance("PT20S");
    assertThat(runs).hasSize(2);
    assertThat(recorded()).isNull();
    assertThat(json(invocations.getFirst())).contains("\"ScheduleStatus\":null");
  }

  @Test
  void aRunThatACrashCutsOffIsRepeatedAsPastDue() throws Exception {
    schedule("0 0 10 * * *");
    CountDownLatch running = new CountDownLatch(1);
    function =
        invocation -> {
          running.countDown();
          throw new InterruptedException("what a crash looks like from here");
        };
    start();
    hub.advanceTo(at("2026-01-01T10:00:00Z"));
    ticker.wake();
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    stop();
    hub.crash();
    hub.advance(Duration.ofMinutes(1));
    function = invocation -> new Outcome(null, null);
    start();
    advance("PT12H");
    assertThat(runs).containsExactly("2026-01-01T10:00:00Z", "past due 2026-01-01T10:01:00Z");
  }

  @Test
  void whatWasTakenDownSurvivesACrashRightAfterTheRun() {
    schedule("0 0 * * * *");
    start();
    advance("PT1H");
    hub.crash();
    stop();
    start();
    advance("PT59M");
    assertThat(runs).containsExactly("2026-01-01T10:00:00Z");
  }

  // ---- changed schedules ------------------------------------------------------------------------

  @Test
  void afterAChangeOfTheScheduleTheNextTimeIsReckonedFromTheLastRun() {
    schedule("01:00:00");
    start();
    advance("PT1H");
    stop();
    hub.advance(Duration.ofMinutes(10));
    schedule("00:30:00");
    start();
    assertThat(ticker.whenWaiting()).isEqualTo("2026-01-01T10:30:00Z");
    assertThat(recorded().next()).isEqualTo("2026-01-01T10:30:00Z");
    assertThat(recorded().last()).isEqualTo("2026-01-01T10:00:00Z");
  }

  @Test
  void nothingWasMissedOfAScheduleThatWasNotInForce() {
    schedule("0 0 10 * * *");
    start();
    advance("PT1H");
    stop();
    hub.advance(Duration.ofHours(5));
    schedule("0 30 10 * * *");
    start();
    assertThat(runs).containsExactly("2026-01-01T10:00:00Z");
    assertThat(ticker.whenWaiting()).isEqualTo("2026-01-02T10:30:00Z");
  }

  @Test
  void aChangeOfTheZoneChangesTheScheduleToo() {
    schedule("0 0 12 * * *");
    start();
    stop();
    settings.put("TZ", "Europe/Berlin");
    start();
    assertThat(ticker.whenWaiting()).isEqualTo("2026-01-01T11:00:00Z");
  }

  // ---- closing ----------------------------------------------------------------------------------

  @Test
  void aClosedTimerRunsNoMore() {
    schedule("0 */5 * * * *");
    start();
    stop();
    hub.advance(Duration.ofHours(1));
    stop();
    assertThat(runs).isEmpty();
  }

  @Test
  void aTimerThatNeverBeganIsClosedAtOnceAndForGood() {
    schedule("0 */5 * * * *");
    timer = create();
    timer.close();
    timer.start();
    assertThat(recorded()).isNull();
  }

  @Test
  void closingWaitsForTheRunUnderWayAndTakesItDown() throws Exception {
    schedule("0 */5 * * * *");
    attributes.put("runOnStartup", true);
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    function =
        invocation -> {
          running.countDown();
          mayEnd.await();
          return new Outcome(null, null);
        };
    startAndGoOn();
    running.await();
    Thread closer = Thread.ofVirtual().start(this::stop);
    mayEnd.countDown();
    closer.join();
    assertThat(recorded().last()).isEqualTo("2026-01-01T09:00:00Z");
  }

  @Test
  void aRunThatLastsTooLongIsInterruptedAndRepeatedAtTheNextStart() throws Exception {
    schedule("0 0 10 * * *");
    start();
    stop();
    hub.advance(Duration.ofHours(1).plusMinutes(1));
    closing = Duration.ofMillis(20);
    CountDownLatch running = new CountDownLatch(1);
    function =
        invocation -> {
          running.countDown();
          new CountDownLatch(1).await();
          return new Outcome(null, null);
        };
    startAndGoOn();
    running.await();
    stop();
    function = invocation -> new Outcome(null, null);
    start();
    assertThat(runs)
        .containsExactly("past due 2026-01-01T10:01:00Z", "past due 2026-01-01T10:01:00Z");
  }

  // ---- what is refused --------------------------------------------------------------------------

  @Test
  void aScheduleMayComeFromSettings() {
    schedule("0 %Minute% %HOUR% * * *");
    settings.put("minute", "30");
    settings.put("Hour", "9");
    start();
    assertThat(ticker.whenWaiting()).isEqualTo("2026-01-01T09:30:00Z");
  }

  @Test
  void aSettingThatIsMissingIsNamed() {
    schedule("%CleanupSchedule%");
    assertThatThrownBy(this::create)
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("'CleanupSchedule', which does not exist");
  }

  @Test
  void aMissingScheduleIsRefused() {
    assertThatThrownBy(this::create)
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageStartingWith("The schedule is empty.");
  }

  @Test
  void aZoneThatIsUnknownIsNamedWithItsSetting() {
    schedule("0 */5 * * * *");
    for (String zone : List.of("Eastern Standard Time", "UTC+1", "europe/berlin")) {
      settings.put("WEBSITE_TIME_ZONE", zone);
      assertThatThrownBy(this::create)
          .isInstanceOf(InvalidTriggerException.class)
          .hasMessageContaining(
              "The setting WEBSITE_TIME_ZONE names the time zone '%s', which is unknown."
                  .formatted(zone));
    }
  }

  private FunctionRunner takes(String duration) {
    return invocation -> {
      hub.advance(Duration.parse(duration));
      return new Outcome(null, null);
    };
  }
}
