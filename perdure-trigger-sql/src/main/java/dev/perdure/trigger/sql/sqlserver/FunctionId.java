package dev.perdure.trigger.sql.sqlserver;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** By what name the state of a function is found in the database, the same as the reference has. */
final class FunctionId {
  /** The order in which the first eight bytes of a GUID are printed. */
  private static final int[] PRINTED = {3, 2, 1, 0, 5, 4, 7, 6};

  private FunctionId() {}

  /** The id for a text that names the function: 16 hexadecimal digits. */
  static String of(String text) {
    byte[] hash;
    try {
      hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    byte[] printed = new byte[PRINTED.length];
    for (int i = 0; i < printed.length; i++) {
      printed[i] = hash[PRINTED[i]];
    }
    return HexFormat.of().formatHex(printed);
  }
}
