package dev.perdure.trigger.sql.change;

import java.util.List;

/**
 * A change of a row. Immutable.
 *
 * @param operation what was done
 * @param key the values of the primary key, as text
 * @param item the row as a JSON object, of a deleted one the primary key
 */
public record RowChange(Operation operation, List<String> key, String item) {
  /** Copies the key. */
  public RowChange {
    key = List.copyOf(key);
  }

  /** What a function gets for several changes: a JSON array. */
  public static String toJson(List<RowChange> changes) {
    StringBuilder json = new StringBuilder("[");
    for (RowChange change : changes) {
      if (json.length() > 1) {
        json.append(',');
      }
      json.append("{\"Operation\":")
          .append(change.operation().code())
          .append(",\"Item\":")
          .append(change.item())
          .append('}');
    }
    return json.append(']').toString();
  }

  /** How many there are, for people. */
  static String count(List<RowChange> changes) {
    return changes.size() == 1 ? "1 changed row" : changes.size() + " changed rows";
  }

  /** Leaves out the values, which are nobody's business. */
  @Override
  public String toString() {
    return operation + " " + key;
  }
}
