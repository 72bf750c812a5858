package dev.perdure.iothub.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  @Test
  void aBrokenEscapeIsRefused() {
    for (String bag : new String[] {"a=%", "a=%4", "a=%zz", "%e=1"}) {
      assertThatThrownBy(() -> PropertyBag.parse(bag)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
