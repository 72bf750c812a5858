package dev.perdure.functions.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.TestApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonFileTest {
  @TempDir Path directory;

  @Test
  void valuesArePlainObjects() {
    assertThat(
            read(
                """
                { "text": "a", "int": 5, "long": 5000000000, "double": 1.5, "yes": true, "no": false,
                  "nothing": null, "list": [1, null, "b", [true]], "object": {"a": {"b": null}} }
                """))
        .isEqualTo(
            Map.of(
                "text",
                "a",
                "int",
                5,
                "long",
                5_000_000_000L,
                "double",
                1.5,
                "yes",
                true,
                "no",
                false,
                "list",
                List.of(1, "b", List.of(true)),
                "object",
                Map.of("a", Map.of())));
  }

  @Test
  void commentsTrailingCommasAndAByteOrderMarkDoNoHarm() {
    assertThat(read("\uFEFF// one\n{ /* two */ \"a\": [1, 2,], }\n// three"))
        .isEqualTo(Map.of("a", List.of(1, 2)));
  }

  @Test
  void theLastOfTwoValuesCounts() {
    assertThat(read("{\"a\": 1, \"a\": 2, \"b\": 1, \"b\": null}")).isEqualTo(Map.of("a", 2));
  }

  @Test
  void whatIsNoObjectIsNamed() {
    assertThatThrownBy(() -> read("[]"))
        .hasMessage("the file must hold a JSON object, { ... }, and holds an array.");
    assertThatThrownBy(() -> read("5"))
        .hasMessage("the file must hold a JSON object, { ... }, and holds a single value.");
    assertThatThrownBy(() -> read(" // nothing"))
        .hasMessage("the file must hold a JSON object, { ... }, and holds nothing.");
    assertThatThrownBy(() -> read("{}\n{}"))
        .hasMessage("the file is not valid JSON at line 2: there is more behind its object.");
  }

  @Test
  void whatIsMalformedIsNamedWithItsPlace() {
    for (String json :
        List.of("{\n\"a\" 1}", "{\n\"a\": 1", "{\n\"a\": 1]", "{\n\"a\": tru}", "{\n'a': 1}")) {
      assertThatThrownBy(() -> read(json))
          .isInstanceOf(InvalidFileException.class)
          .hasMessageStartingWith("the file is not valid JSON at line 2, column ")
          .message()
          .doesNotContain("start marker");
    }
  }

  @Test
  void depthHasALimit() {
    assertThatThrownBy(() -> read("{\"a\": " + "[".repeat(5_000)))
        .isInstanceOf(InvalidFileException.class);
  }

  @Test
  void sizeHasALimit() throws IOException {
    Path file = directory.resolve("large.json");
    Files.write(file, new byte[(int) JsonFile.BYTES_MAX + 1]);

    assertThatThrownBy(() -> JsonFile.object(file, "large.json"))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage("large.json has 4194305 bytes; the most that is read is 4194304.");
  }

  @Test
  void aFileThatIsNotThere() {
    assertThatThrownBy(() -> JsonFile.object(directory.resolve("gone"), "gone"))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageStartingWith("gone cannot be read: ");
  }

  private Map<String, Object> read(String json) {
    return JsonFile.object(TestApp.write(directory.resolve("file.json"), json), "the file");
  }
}
