package dev.perdure.trigger.sql.mariadb;

import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import java.io.IOException;

/**
 * Times of day in the log, which may also be spans of time: from -838:59:59 to 838:59:59. The
 * library takes negative ones for others.
 */
final class BinlogTime {
  private static final int WHOLE_BYTES = 3;

  private BinlogTime() {}

  /**
   * Reads a time.
   *
   * @param digits how many digits the fraction of a second has
   */
  static String read(int digits, ByteArrayInputStream in) throws IOException {
    int fractionBytes = (digits + 1) / 2;
    long packed = 0;
    for (int i = 0; i < WHOLE_BYTES + fractionBytes; i++) {
      packed = packed << 8 | in.read();
    }
    // Stored with an offset, so that the bytes of negative ones come first.
    int bits = 8 * (WHOLE_BYTES + fractionBytes);
    long signed = packed - (1L << (bits - 1));
    long size = Math.abs(signed);
    long whole = size >> (8 * fractionBytes);
    long fraction = size & ((1L << (8 * fractionBytes)) - 1);
    String text =
        "%s%02d:%02d:%02d"
            .formatted(signed < 0 ? "-" : "", whole >> 12 & 0x3FF, whole >> 6 & 0x3F, whole & 0x3F);
    if (digits == 0) {
      return text;
    }
    String all = ("%0" + 2 * fractionBytes + "d").formatted(fraction);
    return text + "." + all.substring(0, digits);
  }
}
