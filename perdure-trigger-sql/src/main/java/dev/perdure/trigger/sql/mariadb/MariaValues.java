package dev.perdure.trigger.sql.mariadb;

import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonBinary;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values in the binary log, as JSON. */
final class MariaValues {
  private static final long MICROS = 1_000_000;

  /** What dates are that do not exist, such as the 0th of a month. */
  static final long NO_DATE = Long.MIN_VALUE;

  /** Years are counted from here, and the first one stands for 0. */
  private static final int YEAR_ZERO = 1900;

  private static final int UUID_BYTES = 16;

  private MariaValues() {}

  /** A value of a column. */
  static JsonElement of(MariaColumn column, @Nullable Serializable value) {
    return switch (value) {
      case null -> JsonNull.INSTANCE;
      case Integer number -> integer(column, number);
      case Long number -> longNumber(column, number);
      case Float number -> real(number, Float.isFinite(number));
      case Double number -> real(number, Double.isFinite(number));
      case BigDecimal number -> new JsonPrimitive(number);
      case BitSet bits -> bits(column, bits);
      case byte[] bytes -> bytes(column, bytes);
      default -> new JsonPrimitive(value.toString());
    };
  }

  private static JsonElement integer(MariaColumn column, int number) {
    if (column.type().equals("enum")) {
      return label(column, number);
    }
    if (column.type().equals("year")) {
      return new JsonPrimitive(number == YEAR_ZERO ? 0 : number);
    }
    if (column.isBoolean()) {
      return new JsonPrimitive(number != 0);
    }
    if (!column.isUnsigned()) {
      return new JsonPrimitive(number);
    }
    return new JsonPrimitive(
        switch (column.type()) {
          case "tinyint" -> number & 0xFF;
          case "smallint" -> number & 0xFFFF;
          case "mediumint" -> number & 0xFFFFFF;
          default -> Integer.toUnsignedLong(number);
        });
  }

  private static JsonElement label(MariaColumn column, int number) {
    List<String> labels = column.labels();
    return number < 1 || number > labels.size()
        ? new JsonPrimitive("")
        : new JsonPrimitive(labels.get(number - 1));
  }

  private static JsonElement longNumber(MariaColumn column, long number) {
    return switch (column.type()) {
      case "date", "datetime", "timestamp" ->
          isNone(column, number)
              ? JsonNull.INSTANCE
              : new JsonPrimitive(date(column.type(), number));
      case "set" -> new JsonPrimitive(set(column, number));
      default ->
          column.isUnsigned()
              ? new JsonPrimitive(new BigInteger(Long.toUnsignedString(number)))
              : new JsonPrimitive(number);
    };
  }

  /** Also for timestamps, which begin a second after 1970 did. */
  private static boolean isNone(MariaColumn column, long number) {
    return number == NO_DATE || (number == 0 && column.type().equals("timestamp"));
  }

  private static String date(String type, long micros) {
    long seconds = Math.floorDiv(micros, MICROS);
    int nanos = (int) Math.floorMod(micros, MICROS) * 1000;
    LocalDateTime time = LocalDateTime.ofEpochSecond(seconds, nanos, ZoneOffset.UTC);
    return switch (type) {
      case "date" -> LocalDate.from(time).toString();
      case "datetime" -> DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time);
      default -> DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time) + "+00:00";
    };
  }

  private static String set(MariaColumn column, long bits) {
    List<String> labels = column.labels();
    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      if ((bits >> i & 1) != 0) {
        chosen.add(labels.get(i));
      }
    }
    return String.join(",", chosen);
  }

  private static JsonElement real(Number number, boolean finite) {
    return finite ? new JsonPrimitive(number) : new JsonPrimitive(number.toString());
  }

  private static JsonElement bits(MariaColumn column, BitSet bits) {
    if (column.length() == 1) {
      return new JsonPrimitive(bits.get(0));
    }
    long[] words = bits.toLongArray();
    return new JsonPrimitive(
        new BigInteger(Long.toUnsignedString(words.length == 0 ? 0 : words[0])));
  }

  private static JsonElement bytes(MariaColumn column, byte[] bytes) {
    return new JsonPrimitive(
        switch (column.type()) {
          case "uuid" -> uuid(padded(bytes, UUID_BYTES));
          case "inet4" -> address(padded(bytes, 4));
          case "inet6" -> address(padded(bytes, 16));
          case "json" -> json(bytes);
          case "binary" -> base64(padded(bytes, column.length()));
          default -> {
            String charset = column.charset();
            yield charset == null ? base64(bytes) : new String(bytes, charset(charset));
          }
        });
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** Zeros at the end are not in the log. */
  private static byte[] padded(byte[] bytes, int length) {
    return bytes.length < length ? Arrays.copyOf(bytes, length) : bytes;
  }

  /**
   * UUIDs of the versions below 6, whose order does not follow from how they are written, are
   * stored with their parts from the last one to the first. The variant, of which the first bit is
   * set, is in the place of the version then, and the version in its place.
   */
  private static String uuid(byte[] stored) {
    ByteBuffer bytes = ByteBuffer.wrap(stored);
    if (stored[6] < 0 && stored[8] > 0 && stored[8] < 0x60) {
      ByteBuffer turned = ByteBuffer.allocate(UUID_BYTES);
      turned.put(stored, 12, 4).put(stored, 10, 2).put(stored, 8, 2).put(stored, 6, 2);
      turned.put(stored, 0, 6).flip();
      bytes = turned;
    }
    return new UUID(bytes.getLong(), bytes.getLong()).toString();
  }

  private static String address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes).getHostAddress();
    } catch (UnknownHostException e) {
      return base64(bytes);
    }
  }

  /** JSON of MySQL, which stores a form of its own; MariaDB has text. */
  private static String json(byte[] bytes) {
    try {
      return JsonBinary.parseAsString(bytes);
    } catch (IOException e) {
      throw new IllegalStateException("A value of the type JSON cannot be read.", e);
    }
  }

  private static Charset charset(String name) {
    return switch (name) {
      case "latin1" -> Charset.forName("windows-1252");
      case "ucs2", "utf16" -> StandardCharsets.UTF_16BE;
      case "utf16le" -> StandardCharsets.UTF_16LE;
      case "utf32" -> Charset.forName("UTF-32BE");
      // Those that Java knows by other names.
      case "koi8r" -> Charset.forName("KOI8-R");
      case "koi8u" -> Charset.forName("KOI8-U");
      case "latin7" -> Charset.forName("ISO-8859-13");
      case "ujis", "eucjpms" -> Charset.forName("EUC-JP");
      case "macce" -> Charset.forName("x-MacCentralEurope");
      case "utf8mb4", "utf8mb3", "utf8", "ascii" -> StandardCharsets.UTF_8;
      default -> Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    };
  }
}
