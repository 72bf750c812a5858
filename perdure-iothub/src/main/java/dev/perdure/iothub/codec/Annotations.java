package dev.perdure.iothub.codec;

/** Names of message annotations. */
public final class Annotations {
  public static final String SEQUENCE_NUMBER = "x-opt-sequence-number";
  public static final String OFFSET = "x-opt-offset";
  public static final String ENQUEUED_TIME = "x-opt-enqueued-time";
  public static final String PARTITION_KEY = "x-opt-partition-key";

  private Annotations() {}

  static boolean isOfPlace(String name) {
    return name.equals(SEQUENCE_NUMBER) || name.equals(OFFSET) || name.equals(ENQUEUED_TIME);
  }
}
