package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureException;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was replaced or refused in between. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InBetweenTest extends Scenarios {
  private static final Duration SOON = Duration.ofSeconds(10);

  @Override
  boolean leaveNothingStuck() {
    return false;
  }

  @Test
  void aPurgeByFilterSparesWhatHasReplacedTheMatch() {
    MemoryStore store = MemoryStore.open(new MemoryDisk(), 1);
    AtomicReference<Runnable> afterQuery = new AtomicReference<>();
    Store racing =
        (Store)
            Proxy.newProxyInstance(
                Store.class.getClassLoader(),
                new Class<?>[] {Store.class},
                (p, m, a) -> {
                  try {
                    Object result = m.invoke(store, a);
                    if (m.getName().equals("query")) {
                      Runnable then = afterQuery.getAndSet(null);
                      if (then != null) {
                        then.run();
                      }
                    }
                    return result;
                  } catch (InvocationTargetException x) {
                    throw x.getCause();
                  }
                });
    FunctionRegistry functions =
        FunctionRegistry.builder().orchestrator("quick", String.class, (ctx, in) -> in).build();
    Engine e =
        Engine.start(racing, functions, new JacksonDataConverter(), mode.applyTo(TestHub.OPTIONS));
    try {
      StartOptions x = StartOptions.DEFAULT.withInstanceId("daily");
      e.client().startNew("quick", "old", x);
      e.client().waitForCompletion("daily", SOON);
      Instant before = e.client().status("daily").orElseThrow().completedAt();
      afterQuery.set(
          () -> {
            do { // until it has another time
              e.client().startNew("quick", "new", x);
            } while (e.client().waitForCompletion("daily", SOON).completedAt().equals(before));
          });
      e.client().purge(PurgeFilter.ALL_ENDED.withCompleted(null, before));
      assertThat(e.client().status("daily")).isPresent();
    } finally {
      e.close();
      store.close();
    }
  }

  @Test
  void aWaitThatTheLimitRefusedTakesNoEvent() {
    CountDownLatch go = new CountDownLatch(1);
    TestHub hub =
        hub(
            o -> o.withLimits(o.limits().withOpenTasksMax(2)), // the activity, and half a wait
            f ->
                f.activity(
                        "slow",
                        String.class,
                        x -> {
                          go.await();
                          return x;
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          Task<String> slow = ctx.callActivity("slow", "x", String.class);
                          try {
                            ctx.waitForExternalEvent("e", Duration.ofHours(1), String.class);
                          } catch (PerdureException e) {
                            ctx.setCustomStatus(e.getMessage());
                          }
                          slow.await();
                          return ctx.waitForExternalEvent("e", Duration.ofHours(1), String.class)
                              .await();
                        }));
    String id = hub.start("main");
    go.countDown();
    hub.client().raiseEvent(id, "e", "got it");
    assertThat(hub.client().waitForCompletion(id, SOON).status())
        .isEqualTo(OrchestrationStatus.COMPLETED);
  }
}
