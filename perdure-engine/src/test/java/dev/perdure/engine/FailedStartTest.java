package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.worker.Workers;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.ForwardingStore;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** An engine that cannot start leaves nothing behind, however often it is tried. */
class FailedStartTest {
  private static final class Damaged extends ForwardingStore {
    Damaged() {
      super(MemoryStore.open(new MemoryDisk(), 1));
    }

    @Override
    public void readLogs(Set<Integer> partitions, LogVisitor visitor) {
      throw new CorruptStoreException("the log is damaged", null);
    }
  }

  @Test
  void itsWorkersAreStopped() {
    List<String> calls = new CopyOnWriteArrayList<>();
    Workers workers =
        (Workers)
            Proxy.newProxyInstance(
                Workers.class.getClassLoader(),
                new Class<?>[] {Workers.class},
                (proxy, method, arguments) -> {
                  calls.add(method.getName());
                  return null;
                });
    try (Damaged store = new Damaged()) {
      assertThatThrownBy(
              () ->
                  Engine.start(
                      store,
                      FunctionRegistry.builder().build(),
                      new JacksonDataConverter(),
                      EngineOptions.DEFAULTS,
                      EngineEnvironment.system(),
                      workers))
          .hasMessageContaining("the log is damaged");
    }
    assertThat(calls).containsExactly("begin", "stop");
  }
}
