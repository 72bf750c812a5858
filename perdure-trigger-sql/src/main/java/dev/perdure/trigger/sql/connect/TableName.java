package dev.perdure.trigger.sql.connect;

import dev.perdure.functions.trigger.InvalidTriggerException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The name of a table as an app writes it: {@code [dbo].[ToDo]}, {@code dbo.ToDo}, {@code ToDo},
 * {@code "public"."todo"}. Immutable.
 *
 * @param schema the schema; null if none is given
 * @param table the table
 * @param text all of it, as it was written
 */
public record TableName(@Nullable Part schema, Part table, String text) {
  /** The default schema of SQL Server, which apps name although they mean nothing special. */
  private static final String DBO = "dbo";

  /**
   * One part of a name.
   *
   * @param name the name without quotes
   * @param exact whether no other spelling is meant; so in double quotes and backticks. Brackets
   *     are quotes as well, but are put around names of any spelling
   */
  public record Part(String name, boolean exact) {
    /** Whether this means a name of the database, if there is none that is written the same. */
    boolean mayMean(String real) {
      return exact ? name.equals(real) : name.equalsIgnoreCase(real);
    }
  }

  /**
   * Reads a name.
   *
   * @throws InvalidTriggerException if it is none
   */
  public static TableName parse(String text) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    while (true) {
      StringBuilder name = new StringBuilder();
      int end;
      char first = at < text.length() ? text.charAt(at) : '.';
      char close = first == '[' ? ']' : first;
      if (first == '[' || first == '"' || first == '`') {
        end = quoted(text, at + 1, close, name);
      } else {
        end = text.indexOf('.', at);
        end = end < 0 ? text.length() : end;
        name.append(text.substring(at, end).strip());
      }
      if (name.isEmpty() || (end < text.length() && text.charAt(end) != '.')) {
        throw wrong(text);
      }
      parts.add(new Part(name.toString(), first == '"' || first == '`'));
      if (end == text.length()) {
        break;
      }
      at = end + 1;
    }
    return switch (parts.size()) {
      case 1 -> new TableName(null, parts.getFirst(), text);
      case 2 -> new TableName(parts.get(0), parts.get(1), text);
      default -> throw wrong(text);
    };
  }

  private static int quoted(String text, int from, char close, StringBuilder name) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != close) {
        name.append(c);
      } else if (i + 1 < text.length() && text.charAt(i + 1) == close) {
        name.append(close);
        i++;
      } else {
        return i + 1;
      }
    }
    throw wrong(text);
  }

  private static InvalidTriggerException wrong(String text) {
    return new InvalidTriggerException(
        "'%s' is not the name of a table. Write [schema].[table], schema.table or table; the database is that of the connection string."
            .formatted(text));
  }

  /**
   * Which of the tables of a database is meant: the one that is written the same, else the one in
   * lower case, else the only one that differs in upper and lower case.
   *
   * @param known schemas and names of tables
   * @param schemas the names of all schemas
   * @param defaults the schemas that are searched if none is given, the first one first; also for
   *     {@code dbo} where there is none
   * @return null if it is not there
   */
  public @Nullable Qualified among(
      List<Qualified> known, List<String> schemas, List<String> defaults) {
    Part given = schema;
    List<String> candidates;
    if (given == null) {
      candidates = defaults;
    } else if (schemas.contains(given.name())) {
      candidates = List.of(given.name());
    } else {
      candidates = schemas.stream().filter(given::mayMean).toList();
      if (candidates.isEmpty() && given.name().equalsIgnoreCase(DBO)) {
        candidates = defaults;
      }
    }
    for (String candidate : candidates) {
      Qualified exact = new Qualified(candidate, table.name());
      if (known.contains(exact)) {
        return exact;
      }
      String lower = table.name().toLowerCase(java.util.Locale.ROOT);
      Qualified lowerCase = new Qualified(candidate, lower);
      if (!table.exact() && known.contains(lowerCase)) {
        return lowerCase;
      }
    }
    List<String> searched = candidates;
    List<Qualified> alike =
        known.stream()
            .filter(one -> searched.contains(one.schema()) && table.mayMean(one.table()))
            .toList();
    return alike.size() == 1 ? alike.getFirst() : null;
  }

  /**
   * A table of a database.
   *
   * @param schema the real name of its schema, or of its database where there are no schemas
   * @param table its real name
   */
  public record Qualified(String schema, String table) {
    @Override
    public String toString() {
      return schema + "." + table;
    }
  }
}
