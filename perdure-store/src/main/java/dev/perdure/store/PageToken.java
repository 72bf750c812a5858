package dev.perdure.store;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Where a page of a query ended, as stores write it into a continuation token. It names a place in
 * the order, not a row, so it stays good while rows come and go.
 *
 * @param byId whether the order is by id; otherwise it is by creation time and id
 * @param createdAt the creation time of the last row seen; 0 where the order is by id
 * @param id the id of the last row seen
 */
public record PageToken(boolean byId, long createdAt, String id) {
  private static final byte BY_CREATION = 1;
  private static final byte BY_ID = 2;
  private static final int HEADER = 1 + Long.BYTES;

  /** The place of a row in the order that a filter asks for. */
  public static PageToken at(InstanceFilter filter, InstanceColumns columns) {
    return at(filter, columns.createdAt(), columns.id());
  }

  /** A place in the order that a filter asks for. */
  public static PageToken at(InstanceFilter filter, long createdAt, String id) {
    boolean byId = !filter.idPrefix().isEmpty();
    return new PageToken(byId, byId ? 0 : createdAt, id);
  }

  /** The token that callers carry around. */
  public String encoded() {
    byte[] idBytes = id.getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer = ByteBuffer.allocate(HEADER + idBytes.length);
    buffer.put(byId ? BY_ID : BY_CREATION).putLong(createdAt).put(idBytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(buffer.array());
  }

  /**
   * Reads a token back.
   *
   * @param token null for the beginning, which gives null
   * @throws IllegalArgumentException if this is no token, or one of a query in another order
   */
  public static @Nullable PageToken decode(InstanceFilter filter, @Nullable String token) {
    if (token == null) {
      return null;
    }
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(token));
    } catch (IllegalArgumentException e) {
      throw invalid(token, e);
    }
    if (bytes.remaining() < HEADER) {
      throw invalid(token, null);
    }
    byte order = bytes.get();
    long createdAt = bytes.getLong();
    if (order != (filter.idPrefix().isEmpty() ? BY_CREATION : BY_ID)) {
      throw invalid(token, null);
    }
    try {
      String id = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      return new PageToken(order == BY_ID, createdAt, id);
    } catch (CharacterCodingException e) {
      throw invalid(token, e);
    }
  }

  private static IllegalArgumentException invalid(String token, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "The continuation token '%s' does not belong to this query. Pass the token of the page before, with the same filter, or none to begin again."
            .formatted(token),
        cause);
  }
}
