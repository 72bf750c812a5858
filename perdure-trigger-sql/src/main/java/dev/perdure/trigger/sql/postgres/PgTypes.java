package dev.perdure.trigger.sql.postgres;

/** Object ids of types, which are the same on all servers. */
final class PgTypes {
  static final int BOOL = 16;
  static final int BYTEA = 17;
  static final int INT8 = 20;
  static final int INT2 = 21;
  static final int INT4 = 23;
  static final int OID = 26;
  static final int FLOAT4 = 700;
  static final int FLOAT8 = 701;
  static final int MONEY = 790;
  static final int TIMESTAMP = 1114;
  static final int TIMESTAMPTZ = 1184;
  static final int TIMETZ = 1266;
  static final int NUMERIC = 1700;

  private PgTypes() {}
}
