package dev.perdure.trigger.sql.change;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes of rows of which only what they come to counts: one for each row, in the order of the
 * latest change of each. Used by one thread.
 *
 * <p>What is inserted and then updated was inserted with the latest values; whatever ends with a
 * delete was deleted; what is deleted and then inserted was inserted.
 *
 * @param <T> what is known of a row
 */
public final class Collapse<T> {
  private final Map<List<String>, Net<T>> rows = new LinkedHashMap<>();
  private int strangers;

  /**
   * What the changes of one row come to.
   *
   * @param key the values of its primary key
   * @param row what was known with the latest change
   */
  public record Net<T>(Operation operation, List<String> key, T row) {}

  /**
   * Adds a change.
   *
   * @param known the values of the row's primary key; null if they are not known: then nobody can
   *     say which other changes are of the same row, and this one stands alone
   */
  public void add(Operation operation, @Nullable List<String> known, T row) {
    List<String> key = known == null ? List.of("unknown", "#" + ++strangers) : known;
    Net<T> before = rows.remove(key);
    rows.put(
        key, new Net<>(before == null ? operation : before.operation().then(operation), key, row));
  }

  /** How many rows have changed. */
  public int size() {
    return rows.size();
  }

  /** Whether no row has changed. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** What all changes come to. */
  public List<Net<T>> net() {
    return new ArrayList<>(rows.values());
  }
}
