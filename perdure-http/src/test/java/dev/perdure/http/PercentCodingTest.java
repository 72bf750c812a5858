package dev.perdure.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PercentCodingTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      quoteCharacter = '~',
      value = {
        "/api/a?q=a|b /api/a?q=a%7Cb",
        "/api/a|b /api/a%7Cb",
        "/a[b]?c[0]=1 /a%5Bb%5D?c[0]=1",
        "/a?q={x}^`\"<> /a?q=%7Bx%7D%5E%60%22%3C%3E",
        "/a?q=%zz&r=%2 /a?q=%25zz&r=%252",
        "/a?q=%7c&r=100% /a?q=%7c&r=100%25",
        "/a?q=1#2\\ /a?q=1%232%5C",
        "/a/b;c=1?d=ä&e=$-_.!~*'(),:@+=/? /a/b;c=1?d=ä&e=$-_.!~*'(),:@+=/?",
      })
  void whatAUriDoesNotTakeIsEncodedAndTheRestStays(String target, String repaired) {
    assertThat(PercentCoding.repaired(target)).isEqualTo(repaired);
    assertThat(URI.create("http://[::1]:80" + repaired).getRawPath()).startsWith("/a");
  }

  @Test
  void anyCharacterOfLatinIsTaken() {
    for (char c = 0; c < 0x100; c++) {
      if (c < 0x80 || c >= 0xa1) { // others no server takes
        assertThat(URI.create("http://h" + PercentCoding.repaired("/p" + c + "?q" + c)))
            .isNotNull();
      }
    }
  }
}
