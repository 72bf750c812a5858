package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.Task;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TimersTest extends SdkTest {
  @Test
  void aTimerIsNeverEarlyAndHardlyLate() throws Exception {
    worker(
        code ->
            code.orchestrator("sleep", ctx -> ctx.createTimer(Duration.ofMillis(1500)).await()));

    Punctually.within(
        Duration.ofMillis(500), () -> took(completed(start("sleep"))).minusMillis(1500));
  }

  @Test
  void aTimerMayBeGivenATime() throws Exception {
    worker(
        code ->
            code.orchestrator(
                "sleepUntil",
                ctx -> {
                  ctx.createTimer(ctx.getInput(Instant.class).atZone(ZoneOffset.UTC)).await();
                  ctx.complete(ctx.getCurrentInstant());
                }));

    Punctually.within(
        Duration.ofMillis(500),
        () -> {
          Instant time = Instant.now().plusMillis(400);
          return Punctually.late(time, output(start("sleepUntil", time), Instant.class));
        });
  }

  @Test
  void aTimerOfNoLengthIsATurn() {
    AtomicInteger turns = new AtomicInteger();
    worker(
        code ->
            code.orchestrator(
                "main",
                ctx -> {
                  turns.incrementAndGet();
                  for (int i = 0; i < 5; i++) {
                    ctx.createTimer(Duration.ZERO).await();
                  }
                  ctx.complete(ctx.getIsReplaying());
                }));

    assertThat(output(start("main"), boolean.class)).isFalse();
    assertThat(turns).hasValue(6);
  }

  @Test
  void nowIsTheSameInATurnAndLaterInTheNext() {
    worker(
        code ->
            code.orchestrator(
                "clock",
                ctx -> {
                  List<Long> times = new ArrayList<>();
                  for (int i = 0; i < 20; i++) {
                    long now = ctx.getCurrentInstant().toEpochMilli();
                    assertThat(ctx.getCurrentInstant().toEpochMilli()).isEqualTo(now);
                    times.add(now);
                    ctx.createTimer(Duration.ZERO).await();
                  }
                  ctx.complete(times);
                }));

    List<Object> times = outputs(start("clock"));

    List<Long> millis = times.stream().map(time -> ((Number) time).longValue()).toList();
    assertThat(millis).hasSize(20).doesNotHaveDuplicates().isSorted();
  }

  @Test
  void aLongTimerIsSeveralShorterOnes() throws Exception {
    AtomicInteger turns = new AtomicInteger();
    worker(
        code ->
            code.maximumTimerInterval(Duration.ofMillis(300))
                .orchestrator(
                    "sleep",
                    ctx -> {
                      turns.incrementAndGet();
                      ctx.createTimer(Duration.ofMillis(1000)).await();
                    }));

    Punctually.within(
        Duration.ofMillis(500),
        () -> {
          turns.set(0);
          OrchestrationMetadata end = completed(start("sleep"));
          // 300 + 300 + 300 + 100, and the turn that begins.
          assertThat(turns).hasValue(5);
          return took(end).minusMillis(1000);
        });
  }

  @Test
  void aTimerThatLosesARaceKeepsNobody() {
    worker(
        code ->
            code.orchestrator(
                    "race",
                    ctx -> {
                      Task<Void> years = ctx.createTimer(Duration.ofDays(3650));
                      Task<String> work = ctx.callActivity("work", String.class);
                      ctx.anyOf(years, work).await();
                      ctx.complete(work.isDone() && !years.isDone() ? work.await() : "timer");
                    })
                .activity("work", ctx -> "work"));

    assertThat(output(start("race"), String.class)).isEqualTo("work");
  }

  @Test
  void timersOfOneTimeAllFire() {
    worker(
        code ->
            code.orchestrator(
                "many",
                ctx -> {
                  List<Task<Void>> timers =
                      IntStream.range(0, 50)
                          .mapToObj(i -> ctx.createTimer(Duration.ofMillis(200)))
                          .toList();
                  ctx.allOf(timers).await();
                  ctx.complete(timers.size());
                }));
    List<String> ids = Stream.generate(() -> start("many")).limit(5).toList();

    assertThat(ids).allSatisfy(id -> assertThat(output(id, int.class)).isEqualTo(50));
  }

  @Test
  void timersFireInTheOrderOfTheirTimes() {
    worker(
        code ->
            code.orchestrator(
                "order",
                ctx -> {
                  List<Task<Void>> timers =
                      Stream.of(300, 100, 200)
                          .map(millis -> ctx.createTimer(Duration.ofMillis(millis)))
                          .toList();
                  List<Integer> order = new ArrayList<>();
                  while (order.size() < 3) {
                    List<Task<?>> left = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                      if (!order.contains(i)) {
                        left.add(timers.get(i));
                      }
                    }
                    order.add(timers.indexOf(ctx.anyOf(left).await()));
                  }
                  ctx.complete(order);
                }));

    assertThat(outputs(start("order"))).isEqualTo(List.of(1, 2, 0));
  }

  private static Duration took(OrchestrationMetadata end) {
    return Duration.between(end.getCreatedAt(), end.getLastUpdatedAt());
  }
}
