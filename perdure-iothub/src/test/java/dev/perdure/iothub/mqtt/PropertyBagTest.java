package dev.perdure.iothub.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PropertyBagTest {
  @Test
  void namesAndValuesAreDecoded() {
    assertThat(PropertyBag.parse("a=1&b%20c=d%26e&empty=&none&%24.ct=text%2Fplain"))
        .isEqualTo(Map.of("a", "1", "b c", "d&e", "empty", "", "none", "", "$.ct", "text/plain"));
  }

  @Test
  void aPlusStaysAPlusAndLettersStayLetters() {
    assertThat(PropertyBag.parse("a=1+1&stra%C3%9Fe=gr\u00fcn"))
        .isEqualTo(Map.of("a", "1+1", "stra\u00dfe", "gr\u00fcn"));
  }

  @Test
  void whatIsAroundItIsLeftOut() {
    assertThat(PropertyBag.parse("?a=b&/")).isEqualTo(Map.of("a", "b"));
    assertThat(PropertyBag.parse("")).isEmpty();
  }

  /** As in {@code humidity=50%}, from a library that does not encode. */
  @Test
  void aPercentSignThatIsNoEscapeStays() {
    assertThat(PropertyBag.parse("a=50%&b=%4&c=%zz%20%&%e=%+1"))
        .isEqualTo(Map.of("a", "50%", "b", "%4", "c", "%zz %", "%e", "%+1"));
  }
}
