package dev.perdure.trigger.sql.change;

/** What was done to a row. */
public enum Operation {
  /** It is new. */
  INSERT(0),
  /** It has other values. */
  UPDATE(1),
  /** It is gone. */
  DELETE(2);

  private final int code;

  Operation(int code) {
    this.code = code;
  }

  /** The number that functions know it by. */
  public int code() {
    return code;
  }

  /** What this and a later operation on the same row come to. */
  Operation then(Operation later) {
    return this == INSERT && later == UPDATE ? INSERT : later;
  }
}
