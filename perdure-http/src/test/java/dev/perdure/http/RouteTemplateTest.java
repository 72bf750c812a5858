package dev.perdure.http;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTemplateTest {

  private static Map<String, String> match(String template, String path) {
    return RouteTemplate.parse(template).match(Request.of("GET", path).segments());
  }

  @Test
  void literalsAreTheSameInUpperAndLowerCase() {
    assertThat(match("Api/Hello", "/api/hELLO/")).isEmpty();
    assertThat(match("api/hello", "/api")).isNull();
    assertThat(match("api/hello", "/api/hello/more")).isNull();
  }

  @Test
  void valuesAreDecodedAndKeepTheirCase() {
    assertThat(match("api/{name}", "/API/A%20b%2Fc")).containsExactly(Map.entry("name", "A b/c"));
  }

  @Test
  void optionalParametersAndDefaultsMayBeMissing() {
    assertThat(match("start/{name}/{id?}", "/start/x")).containsExactly(Map.entry("name", "x"));
    assertThat(match("start/{name}/{id?}", "/start/x/1"))
        .containsExactly(Map.entry("name", "x"), Map.entry("id", "1"));
    assertThat(match("page/{n=1}", "/page")).containsExactly(Map.entry("n", "1"));
    assertThat(match("page/{n=1}", "/page/7")).containsExactly(Map.entry("n", "7"));
    assertThat(match("start/{name}", "/start")).isNull();
  }

  @Test
  void theRestOfThePathMayBeTaken() {
    assertThat(match("files/{*path}", "/files/a/b%20c"))
        .containsExactly(Map.entry("path", "a/b c"));
    assertThat(match("files/{*path}", "/files")).isEmpty();
    assertThat(match("{*path}", "/")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "{name}.txt, a.TXT, name=a",
    "{name}.txt, a.txt.txt, name=a.txt",
    "{name}.txt, .txt,",
    "{name}.txt, a.text,",
    "{name}.txt, a.txt.gz,",
    "v{major}, V12, major=12",
    "v{major}, v,",
    "v{major}, xv1,",
    "{id}-{rev}, a-b-1, id=a-b rev=1",
    "{id}-{rev}, a--, id=a rev=-",
    "{id}-{rev}, -1,",
    "{id}-{rev}, a-,",
    "{id}-{rev}, a,",
    "a{b}c{d}, abcd, b=b d=d",
    "a{b}c{d}, aabcd,",
    "{y:int}-{m:int}, 2026-01, y=2026 m=01",
    "{y:int}-{m:int}, 2026-01-31,",
    "{name}.{ext?}, a.b.c, name=a.b ext=c",
    "{name}.{ext?}, a, name=a",
    "{name}.{ext?}, .a, name=.a",
    "{name}.{ext?}, a.,",
    "{name}.{ext:int?}, a.b,",
  })
  void aSegmentOfTextAndParametersIsReadFromTheRight(String segment, String text, String values) {
    Map<String, String> found = match("files/" + segment + "/{more?}", "/files/" + text);
    assertThat(found == null ? null : entries(found)).isEqualTo(values);
  }

  private static String entries(Map<String, String> values) {
    return values.entrySet().stream().map(Map.Entry::toString).collect(joining(" "));
  }

  @Test
  void aSegmentOfTextAndParametersMustBeThere() {
    assertThat(match("files/{name}.{ext?}", "/files")).isNull();
    assertThat(match("files/{name}.txt", "/files/a.txt/b")).isNull();
  }

  @Test
  void parametersAreNamedInTheirOrder() {
    assertThat(RouteTemplate.parse("{a}/x{b}-{c:int}.{d?}/{*e}").parameters())
        .containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void aFileIsWhatIsBehindTheLastSlash() {
    assertThat(match("{*path:file}", "/a.b/c")).isNull();
    assertThat(match("{*path:file}", "/a/b.c")).containsEntry("path", "a/b.c");
    assertThat(match("{*path:nonfile}", "/a.b/c")).containsEntry("path", "a.b/c");
    assertThat(match("{*path:nonfile}", "/")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "int, 12, 1x",
        "long, 12345678901, 12345678901234567890",
        "bool, True, yes",
        "guid, 11111111-2222-3333-4444-555555555555, 1111",
        "alpha, abc, ab1",
        "decimal, 1.5, 1.5.5",
        "datetime, 2026-01-31T09:05, 31.1.2026",
        "length(3), abc, ab",
        "\"length(2,3)\", abc, abcd",
        "minlength(2), ab, a",
        "maxlength(2), ab, abc",
        "min(5), 5, 4",
        "max(5), 5, 6",
        "\"range(1,3)\", 2, 4",
        "regex(^[a-c]+$), abc, abd",
        "file, a.b.txt, txt",
        "file, .gitignore, a..",
        "nonfile, a.., a.txt",
        "int:min(5), 5, 4",
      })
  void constraintsDecide(String constraint, String good, String bad) {
    assertThat(match("x/{v:" + constraint + "}", "/x/" + good)).containsEntry("v", good);
    assertThat(match("x/{v:" + constraint + "}", "/x/" + bad)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a/{b",
        "a/b}",
        "a}x{b",
        "{a}{b}",
        "x{*rest}",
        "{a?}-{b}",
        "{a}-{b?}",
        "{a?}/{b}.{c?}",
        "{a}-{A}",
        "{*rest}/more",
        "{a?}/b",
        "{a}/{A}",
        "{}",
        "{a:nothing}",
        "{a:length(x)}",
        "{a:range(1)}",
        "{a:regex([)}",
        "{a:min(1}"
      })
  void whatCannotBeUsedIsRefused(String template) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RouteTemplate.parse(template))
        .withMessageContaining("'" + template + "'");
  }
}
