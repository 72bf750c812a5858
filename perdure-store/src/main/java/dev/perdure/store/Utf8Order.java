package dev.perdure.store;

/** The order of strings by their UTF-8 bytes, in which every store keeps ids. */
public final class Utf8Order {
  private Utf8Order() {}

  /**
   * Compares two strings by code points, which is the order of their UTF-8 bytes. {@link
   * String#compareTo} differs for characters beyond the basic plane.
   */
  public static int compare(String left, String right) {
    int length = Math.min(left.length(), right.length());
    for (int i = 0; i < length; i++) {
      char a = left.charAt(i);
      char b = right.charAt(i);
      if (a != b) {
        boolean surrogateA = Character.isSurrogate(a);
        boolean surrogateB = Character.isSurrogate(b);
        return surrogateA == surrogateB ? Character.compare(a, b) : surrogateA ? 1 : -1;
      }
    }
    return Integer.compare(left.length(), right.length());
  }
}
