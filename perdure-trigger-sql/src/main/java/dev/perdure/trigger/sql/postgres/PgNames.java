package dev.perdure.trigger.sql.postgres;

import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** What the publication and the replication slot of a function are called. */
final class PgNames {
  /** What all begin with. */
  static final String PREFIX = "perdure_";

  /** Servers take 63 characters; the rest is prefix, hash and what stands between. */
  private static final int PART_MAX = 20;

  private static final int HASH_BYTES = 4;

  private PgNames() {}

  /**
   * The name for a function and a table: {@code perdure_FUNCTION_TABLE_HASH}, always the same.
   *
   * @param site tells apps apart that have functions of the same name on the same table; may be
   *     empty
   */
  static String of(String site, String function, Qualified table) {
    String all = String.join("\n", site, function, table.schema(), table.table());
    byte[] digest;
    try {
      digest = MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    return PREFIX
        + plain(function)
        + "_"
        + plain(table.table())
        + "_"
        + HexFormat.of().formatHex(digest, 0, HASH_BYTES);
  }

  /** Slots take small letters, digits and underscores. */
  private static String plain(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
    return plain.substring(0, Math.min(plain.length(), PART_MAX));
  }
}
