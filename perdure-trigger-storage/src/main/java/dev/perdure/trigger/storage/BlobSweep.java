package dev.perdure.trigger.storage;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which blobs of a container have to be looked at, when it is listed again and again: those that
 * were written since the last complete list was begun, or a little before, and not looked at since.
 * Times are those of the server's clock. For one thread.
 */
final class BlobSweep {
  /** Writes may show up in lists a little later than they are dated. */
  private static final Duration OVERLAP = Duration.ofMinutes(1);

  private final Map<String, Instant> seen = new HashMap<>();
  private final Map<String, BlobInfo> postponed = new LinkedHashMap<>();
  private @Nullable Instant since;
  private @Nullable Instant begun;

  /** A part of a list was had. */
  void page(Instant serverTime) {
    if (begun == null) {
      begun = serverTime;
    }
  }

  /** Whether a blob has to be looked at. */
  boolean isDue(String name, BlobInfo blob) {
    Instant from = since;
    return (from == null || !blob.lastModified().isBefore(from))
        && !seen.containsKey(key(name, blob));
  }

  /** A blob is done with. */
  void done(String name, BlobInfo blob) {
    Instant from = begun;
    if (from != null && !blob.lastModified().isBefore(from.minus(OVERLAP))) {
      seen.put(key(name, blob), blob.lastModified());
    }
  }

  /** A blob has to be looked at again, in the next pass. */
  void postpone(String name, BlobInfo blob) {
    postponed.put(name, blob);
  }

  /** What was postponed, which it then is no longer. */
  List<Map.Entry<String, BlobInfo>> postponed() {
    List<Map.Entry<String, BlobInfo>> blobs = new ArrayList<>();
    postponed.forEach((name, blob) -> blobs.add(Map.entry(name, blob)));
    postponed.clear();
    return blobs;
  }

  /** The list is at its end; the next begins. */
  void end() {
    Instant from = begun;
    if (from != null) {
      Instant next = from.minus(OVERLAP);
      since = next;
      seen.values().removeIf(modified -> modified.isBefore(next));
    }
    begun = null;
  }

  /** The list was broken off; it begins anew. */
  void restart() {
    begun = null;
  }

  private static String key(String name, BlobInfo blob) {
    return blob.etag() + " " + name;
  }
}
