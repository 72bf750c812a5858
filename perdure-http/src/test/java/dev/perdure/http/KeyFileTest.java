package dev.perdure.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
  @TempDir Path directory;

  private Path file() {
    return directory.resolve("new/keys");
  }

  @Test
  void aKeyIsMadeAtFirstUseAndStays() throws IOException {
    KeyFile keys = KeyFile.open(file());
    assertThat(file()).doesNotExist();
    assertThat(keys.find("master")).isEmpty();
    String key = keys.key("master");
    assertThat(key).hasSizeGreaterThan(40).matches("[A-Za-z0-9_-]+");
    assertThat(keys.key("master")).isEqualTo(key);
    assertThat(keys.key("system/durabletask_extension")).isNotEqualTo(key);
    assertThat(KeyFile.open(file()).find("master")).contains(key);
    try (Stream<Path> files = Files.list(file().getParent())) {
      assertThat(files).containsExactly(file());
    }
  }

  @Test
  void onlyTheOwnerCanReadIt() throws IOException {
    KeyFile.open(file()).key("master");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
    KeyFile.open(file());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void aKeyMayBeChosen() throws IOException {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), "# mine\n\nmaster = a-key-that-i-chose-myself\n");
    assertThat(KeyFile.open(file()).key("master")).isEqualTo("a-key-that-i-chose-myself");
  }

  @Test
  void whatCannotBeUnderstoodIsSaid() throws IOException {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), "master=a-key-that-i-chose-myself\nother=short\n");
    assertThatThrownBy(() -> KeyFile.open(file()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 2")
        .hasMessageNotContaining("short");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KeyFile.open(directory.resolve("k")).key("Not A Name"));
  }
}
