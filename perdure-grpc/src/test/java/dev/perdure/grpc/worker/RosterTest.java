package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RosterTest {
  private final WorkerPool pool = new WorkerPool(InstantSource.system(), 3);
  private final Roster roster = new Roster();

  @AfterEach
  void stop() {
    pool.stop();
  }

  private Connection worker(String name) {
    return new Connection(
        new WorkerIdentity(name, "test", null),
        null,
        GetWorkItemsRequest.getDefaultInstance(),
        new WorkSink.Local(new IdleWorker()),
        pool);
  }

  private Connection added(String name) {
    Connection worker = worker(name);
    roster.add(worker);
    return worker;
  }

  @Test
  void whoHasLeastInHandComesFirst() {
    Connection a = added("a");
    Connection b = added("b");
    Connection c = added("c");
    roster.tookOne(a);
    roster.tookOne(a);
    roster.tookOne(b);
    assertThat(roster.toList()).containsExactly(c, b, a);
  }

  @Test
  void ofThoseThatHaveAsMuchTheOneThatHasHadItForLongest() {
    Connection a = added("a");
    Connection b = added("b");
    roster.tookOne(a);
    roster.gaveOne(a);
    assertThat(roster.toList()).containsExactly(b, a);
  }

  @Test
  void whoIsNotInItDoesNotMatter() {
    Connection a = added("a");
    Connection gone = added("gone");
    roster.tookOne(gone);
    roster.remove(gone);
    roster.gaveOne(gone);
    roster.tookOne(gone);
    roster.remove(gone);
    assertThat(roster.toList()).containsExactly(a);
    assertThat(roster.size()).isEqualTo(1);
  }

  @Test
  void emptyItHasNobody() {
    roster.remove(added("a"));
    assertThat(roster.first()).isNull();
    assertThat(roster.size()).isZero();
  }

  /** Against a list that is sorted anew every time. */
  @Test
  void anyChangesLeaveTheSameOrderAsSorting() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<Connection> order = new ArrayList<>(); // by when their load changed
      Map<Connection, Integer> load = new HashMap<>();
      Roster subject = new Roster();
      for (int i = 0; i < 200; i++) {
        Connection some = order.isEmpty() ? null : order.get(random.nextInt(order.size()));
        int what = random.nextInt(12);
        if (some == null || what == 0) {
          some = worker("w" + i);
          subject.add(some);
          load.put(some, 0);
        } else if (what == 1) {
          subject.remove(some);
          load.remove(some);
        } else if (what < 7 || load.get(some) == 0) {
          subject.tookOne(some);
          load.merge(some, 1, Integer::sum);
        } else {
          subject.gaveOne(some);
          load.merge(some, -1, Integer::sum);
        }
        order.remove(some);
        if (load.containsKey(some)) {
          order.add(some);
        }
        List<Connection> expected = new ArrayList<>(order);
        expected.sort(Comparator.comparing(load::get)); // stable
        assertThat(subject.toList()).as("seed %d, step %d", seed, i).isEqualTo(expected);
        assertThat(subject.size()).isEqualTo(expected.size());
      }
    }
  }
}
