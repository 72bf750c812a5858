package dev.perdure.engine.activity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Payload;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What nobody wants any more leaves nothing behind, however busy the host is. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WithdrawnActivitiesTest {
  private static final ActivityWork.Call CALL =
      new ActivityWork.Call("", Map.of(), null, "e", "", false);

  private final Semaphore permits = new Semaphore(0);
  private final BlockingQueue<ActivityWork> ended = new LinkedBlockingQueue<>();
  private final ActivityDispatcher dispatcher =
      new ActivityDispatcher(
          FunctionRegistry.builder()
              .activity(
                  "wait",
                  () -> {
                    permits.acquire();
                    return null;
                  })
              .build(),
          new JacksonDataConverter(),
          1 << 20,
          1,
          Thread.ofVirtual().factory(),
          (work, result, failure) -> ended.add(work));

  private static ActivityWork work(int taskId) {
    return new ActivityWork(
        0,
        "i",
        "e",
        taskId,
        taskId,
        1,
        "wait",
        Payload.of(new byte[10]),
        false,
        CALL,
        new ActivityWork.Caller() {});
  }

  @Test
  void whatRanWhenItWasWithdrawnIsForgottenWhenItHasEnded() throws Exception {
    for (int i = 0; i < 10; i++) { // one runs, others wait: now and ever
      dispatcher.dispatch(work(i));
    }
    for (int i = 0; i < 100; i++) {
      dispatcher.withdraw(List.of(work(i)));
      dispatcher.dispatch(work(i + 10));
      permits.release();
      assertThat(ended.take().taskId()).isEqualTo(i);
    }
    permits.release();
    assertThat(ended.take().taskId()).isEqualTo(100); // the one before is forgotten by now
    assertThat(dispatcher.withdrawn()).isZero();
    permits.release(100);
  }
}
