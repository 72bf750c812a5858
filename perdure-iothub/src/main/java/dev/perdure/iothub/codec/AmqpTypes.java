package dev.perdure.iothub.codec;

/** Codes of AMQP 1.0, part 1 (types) and part 3 (sections of a message). */
public final class AmqpTypes {
  public static final int DELIVERY_ANNOTATIONS = 0x71;
  public static final int MESSAGE_ANNOTATIONS = 0x72;
  public static final int PROPERTIES = 0x73;
  public static final int APPLICATION_PROPERTIES = 0x74;
  public static final int DATA = 0x75;

  static final int HEADER = 0x70;
  static final int FOOTER = 0x78;

  static final int NULL = 0x40;
  static final int SMALL_ULONG = 0x53;
  static final int ULONG = 0x80;
  static final int LONG = 0x81;
  static final int TIMESTAMP = 0x83;
  static final int BIN8 = 0xa0;
  static final int STR8 = 0xa1;
  static final int SYM8 = 0xa3;
  static final int BIN32 = 0xb0;
  static final int MAP8 = 0xc1;
  static final int LIST32 = 0xd0;
  static final int MAP32 = 0xd1;

  /** What turns the code of a type with a length of one byte into that with four. */
  static final int LONG_FORM = 0x10;

  private AmqpTypes() {}
}
