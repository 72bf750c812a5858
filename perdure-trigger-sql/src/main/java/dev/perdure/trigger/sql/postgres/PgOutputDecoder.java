package dev.perdure.trigger.sql.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what the server's plug-in {@code pgoutput} writes. */
final class PgOutputDecoder {
  private PgOutputDecoder() {}

  /**
   * Reads a message.
   *
   * @throws IllegalArgumentException if it is none
   */
  static PgMessage decode(ByteBuffer in) {
    char kind = (char) in.get();
    return switch (kind) {
      case 'B' -> new PgMessage.Begin();
      case 'C' -> commit(in);
      case 'R' -> relation(in);
      case 'I' -> insert(in);
      case 'U' -> update(in);
      case 'D' -> delete(in);
      case 'T' -> new PgMessage.Truncate();
      case 'Y', 'O', 'M' -> new PgMessage.Other();
      default ->
          throw new IllegalArgumentException(
              "The server has sent a message of the kind '%c', which is not known."
                  .formatted(kind));
    };
  }

  private static PgMessage commit(ByteBuffer in) {
    in.get(); // flags
    in.getLong(); // the position of the commit itself
    return new PgMessage.Commit(in.getLong());
  }

  private static PgMessage relation(ByteBuffer in) {
    int id = in.getInt();
    String schema = string(in);
    String name = string(in);
    in.get(); // what of old rows is written to the log; each column says whether it is part of it
    int count = in.getShort();
    List<PgMessage.Column> columns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      boolean identifies = (in.get() & 1) != 0;
      String column = string(in);
      int type = in.getInt();
      in.getInt(); // modifier of the type
      columns.add(new PgMessage.Column(column, type, identifies));
    }
    // An empty name is how the schema of system tables is written.
    return new PgMessage.Relation(id, schema.isEmpty() ? "pg_catalog" : schema, name, columns);
  }

  private static PgMessage insert(ByteBuffer in) {
    int relation = in.getInt();
    expect(in, 'N');
    return new PgMessage.Insert(relation, tuple(in));
  }

  private static PgMessage update(ByteBuffer in) {
    int relation = in.getInt();
    char part = (char) in.get();
    PgTuple before = null;
    if (part == 'K' || part == 'O') {
      before = tuple(in, part == 'K');
      expect(in, 'N');
    } else if (part != 'N') {
      throw unexpected(part);
    }
    return new PgMessage.Update(relation, before, tuple(in));
  }

  private static PgMessage delete(ByteBuffer in) {
    int relation = in.getInt();
    char part = (char) in.get();
    if (part != 'K' && part != 'O') {
      throw unexpected(part);
    }
    return new PgMessage.Delete(relation, tuple(in));
  }

  private static PgTuple tuple(ByteBuffer in) {
    return tuple(in, false);
  }

  /**
   * The values of a row.
   *
   * @param keyOnly whether what is not of the key is left out; it is sent as if it were null, which
   *     nothing of a key can be
   */
  private static PgTuple tuple(ByteBuffer in, boolean keyOnly) {
    int count = in.getShort();
    PgTuple.Builder tuple = new PgTuple.Builder();
    for (int i = 0; i < count; i++) {
      char kind = (char) in.get();
      switch (kind) {
        case 'n' -> {
          if (keyOnly) {
            tuple.addUnchanged();
          } else {
            tuple.add(null);
          }
        }
        case 'u' -> tuple.addUnchanged();
        case 't' -> tuple.add(text(in, in.getInt()));
        default -> throw unexpected(kind);
      }
    }
    return tuple.build();
  }

  private static @Nullable String text(ByteBuffer in, int length) {
    String text =
        new String(in.array(), in.arrayOffset() + in.position(), length, StandardCharsets.UTF_8);
    in.position(in.position() + length);
    return text;
  }

  /** A text that ends with a zero. */
  private static String string(ByteBuffer in) {
    int begin = in.position();
    int end = begin;
    while (in.get(end) != 0) {
      end++;
    }
    String text =
        new String(in.array(), in.arrayOffset() + begin, end - begin, StandardCharsets.UTF_8);
    in.position(end + 1);
    return text;
  }

  private static void expect(ByteBuffer in, char kind) {
    char found = (char) in.get();
    if (found != kind) {
      throw unexpected(found);
    }
  }

  private static IllegalArgumentException unexpected(char kind) {
    return new IllegalArgumentException(
        "The server has sent a row with '%c' in it, which is not known.".formatted(kind));
  }
}
