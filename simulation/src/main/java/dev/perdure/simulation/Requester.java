package dev.perdure.simulation;

import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PerdureClient;
import dev.perdure.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks the host there is, and the next one where that has died. For threads of the simulation. */
final class Requester {
  /** Virtual time in which a question has to be answered: slow commits and recoveries included. */
  private static final Duration ANSWER_MAX = Duration.ofSeconds(20);

  /** Virtual time in which an audit has to be done: it looks again at what looked wrong. */
  private static final Duration AUDIT_MAX = Duration.ofSeconds(60);

  /** So long that no clock of the operating system is asked to end the wait. */
  static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE);

  private final Scheduler scheduler;
  private final Random random;
  private final Report report;
  private final Supplier<SimulatedHost> host;

  Requester(Scheduler scheduler, Random random, Report report, Supplier<SimulatedHost> host) {
    this.scheduler = scheduler;
    this.random = random;
    this.report = report;
    this.host = host;
  }

  /** Asks until there is an answer; what was asked may have been done more than once. */
  <T extends @Nullable Object> T persistently(Function<PerdureClient, T> request) {
    return persistently(request, ANSWER_MAX);
  }

  /** Asks until there is an answer, for something that has none. */
  void demand(Consumer<PerdureClient> request) {
    persistently(
        client -> {
          request.accept(client);
          return true;
        });
  }

  private <T extends @Nullable Object> T persistently(
      Function<PerdureClient, T> request, Duration answerMax) {
    while (true) {
      long asked = scheduler.nanos();
      CompletableFuture<T> answer = host.get().ask(request);
      try {
        T result = answer.get();
        report.check(
            "answers come soon",
            scheduler.nanos() - asked <= answerMax.toNanos(),
            "one took %s".formatted(Duration.ofNanos(scheduler.nanos() - asked)));
        return result;
      } catch (ExecutionException e) {
        Throwable cause = e.getCause();
        if (!isPassing(cause)) {
          throw cause instanceof RuntimeException r ? r : new IllegalStateException(cause);
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      pause(Duration.ofMillis(1 + random.nextInt(20)));
    }
  }

  /** Whether a request failed for a reason that another one may not meet. */
  private static boolean isPassing(@Nullable Throwable cause) {
    return cause instanceof SimulatedHost.Died
        || cause instanceof HubClosedException
        || cause instanceof StoreException;
  }

  /**
   * Asks once.
   *
   * @return whether it was done; if not, that is not known
   */
  boolean once(Consumer<PerdureClient> request) {
    try {
      host.get()
          .ask(
              client -> {
                request.accept(client);
                return true;
              })
          .get();
      return true;
    } catch (ExecutionException e) {
      report.check(
          "errors are known", isPassing(e.getCause()), "a request failed with " + e.getCause());
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  void pause(Duration time) {
    scheduler.pause(time, Scheduler.WORLD);
  }

  // ---- questions ----------------------------------------------------------------------------

  OrchestrationMetadata awaitEnd(String id) {
    return persistently(client -> client.waitForCompletion(id, FOR_EVER), FOR_EVER);
  }

  @Nullable OrchestrationMetadata status(String id) {
    return persistently(client -> client.status(id)).orElse(null);
  }

  /** Has the hub prove that everything will be woken. */
  void audit() {
    var found = persistently(PerdureClient::audit, AUDIT_MAX);
    report.check("the audit is clean", found.isClean(), found.toString());
  }

  List<OrchestrationMetadata> instances(InstanceQuery wanted) {
    List<OrchestrationMetadata> all = new ArrayList<>();
    InstanceQuery query = wanted.withPageSize(50);
    while (true) {
      InstanceQuery page = query;
      InstanceQuery.Page found = persistently(client -> client.query(page));
      all.addAll(found.instances());
      if (found.continuationToken() == null) {
        return all;
      }
      query = query.withContinuationToken(found.continuationToken());
    }
  }

  List<EntityMetadata> entities() {
    List<EntityMetadata> all = new ArrayList<>();
    EntityQuery query = EntityQuery.ALL.withStatelessToo().withStates().withPageSize(3);
    while (true) {
      EntityQuery page = query;
      EntityQuery.Page found = persistently(client -> client.queryEntities(page));
      all.addAll(found.entities());
      if (found.continuationToken() == null) {
        return all;
      }
      query = query.withContinuationToken(found.continuationToken());
    }
  }
}
