package dev.perdure.cli.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerKeyTest {
  @TempDir Path temp;

  private String find(String content) throws IOException {
    return ServerKey.find(Files.writeString(temp.resolve("http.keys"), content), Map.of());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "master=K1\nsystem/durabletask_extension=K2==",
        "# keys\nmaster = K1\n  system/durabletask_extension = K2==  \n"
      })
  void isFoundInAServersFileHoweverThatIsWritten(String content) throws IOException {
    assertThat(find(content)).isEqualTo("K2==");
  }

  @Test
  void isTheFirstLineOfAnyOtherFile() throws IOException {
    assertThat(find("\n K3== \n")).isEqualTo("K3==");
  }
}
