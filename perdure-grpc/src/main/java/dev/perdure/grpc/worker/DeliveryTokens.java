package dev.perdure.grpc.worker;

/**
 * The tokens of deliveries: a prefix that no other pool has, before or after, and the number of the
 * delivery.
 */
final class DeliveryTokens {
  private final String prefix;

  DeliveryTokens(String unique) {
    this.prefix = unique + '-';
  }

  /** The token of a delivery. */
  String of(long number) {
    return prefix + number;
  }

  /** The number of the delivery of a token; 0 if it is not one of these tokens. */
  long number(String token) {
    int start = prefix.length();
    int digits = token.length() - start;
    if (digits < 1 || digits > 18 || !token.startsWith(prefix) || token.charAt(start) == '0') {
      return 0;
    }
    long number = 0;
    for (int i = start; i < token.length(); i++) {
      int digit = token.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      number = 10 * number + digit;
    }
    return number;
  }
}
