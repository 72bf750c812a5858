package dev.perdure.trigger.sql.postgres;

import com.google.gson.stream.JsonWriter;
import dev.perdure.trigger.sql.connect.Money;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the rows of a table look for a while: its columns, and which are the key. Immutable. */
final class PgLayout {
  private final List<PgMessage.Column> columns;
  private final List<Integer> keys;
  private final @Nullable Money money;

  /**
   * Rows with these columns.
   *
   * @param columns with the types that domains stand for
   * @param keys where the columns of the primary key are, in the order of the key
   * @param money how amounts of money are written; null if there are none
   */
  private PgLayout(List<PgMessage.Column> columns, List<Integer> keys, @Nullable Money money) {
    this.columns = List.copyOf(columns);
    this.keys = List.copyOf(keys);
    this.money = money;
  }

  /**
   * Rows with these columns.
   *
   * @param keys the names of the columns of the primary key, as the table is now. If it has none,
   *     or it is not what old rows have in the log, that is taken for the key
   */
  static PgLayout of(List<PgMessage.Column> columns, List<String> keys, PgCatalog catalog)
      throws SQLException {
    List<PgMessage.Column> plain = new ArrayList<>();
    List<Integer> identifying = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (PgMessage.Column column : columns) {
      if (column.identifies()) {
        identifying.add(plain.size());
      }
      names.add(column.name());
      plain.add(
          new PgMessage.Column(
              column.name(), catalog.baseType(column.type()), column.identifies()));
    }
    List<Integer> places = keys.stream().map(names::indexOf).toList();
    boolean fits =
        !places.isEmpty()
            && !places.contains(-1)
            && (identifying.isEmpty() || identifying.containsAll(places));
    boolean hasMoney = plain.stream().anyMatch(column -> column.type() == PgTypes.MONEY);
    return new PgLayout(plain, fits ? places : identifying, hasMoney ? catalog.money() : null);
  }

  /** The names of the columns of the key. */
  List<String> keyNames() {
    return keys.stream().map(key -> columns.get(key).name()).toList();
  }

  /** Whether it is known what tells a row from others. */
  boolean hasKey() {
    return !keys.isEmpty();
  }

  /** The values of the primary key; null if it is not known what that is. */
  @Nullable List<String> key(PgTuple row) {
    if (keys.isEmpty()) {
      return null;
    }
    List<String> values = new ArrayList<>(keys.size());
    for (int key : keys) {
      values.add(String.valueOf(row.value(key)));
    }
    return values;
  }

  /** A row as a JSON object. */
  String item(PgTuple row) {
    return object(row, null);
  }

  /** The primary key of a row as a JSON object; all of it if that is not known. */
  String keyItem(PgTuple row) {
    return object(row, keys.isEmpty() ? null : keys);
  }

  private String object(PgTuple row, @Nullable List<Integer> only) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setHtmlSafe(false);
      json.beginObject();
      for (int i = 0; i < columns.size(); i++) {
        if (only == null || only.contains(i)) {
          json.name(columns.get(i).name());
          PgValues.write(json, columns.get(i).type(), row.value(i), money);
        }
      }
      json.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
