package dev.perdure.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
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

  @Test
  void whatCannotBeReadIsSaid() throws IOException {
    Files.createDirectories(file());
    assertThatThrownBy(() -> KeyFile.open(file()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("The file of keys " + file() + " cannot be read: IOException ")
        .hasMessageContaining("remove it to have new keys made");
  }

  @Test
  void keysAreChangedAndRemoved() throws IOException {
    KeyFile keys = KeyFile.open(file());
    assertThat(keys.set("host/ci", "a-key-that-i-chose-myself")).isTrue();
    assertThat(keys.set("host/ci", "another-key-that-i-chose")).isFalse();
    assertThat(keys.key("host/ci")).isEqualTo("another-key-that-i-chose");
    keys.key("master");
    assertThat(keys.names()).containsExactly("host/ci", "master");
    assertThat(KeyFile.open(file()).names()).containsExactly("host/ci", "master");
    assertThat(keys.remove("host/ci")).isTrue();
    assertThat(keys.remove("host/ci")).isFalse();
    assertThat(keys.find("host/ci")).isEmpty();
    assertThat(KeyFile.open(file()).names()).containsExactly("master");
  }

  @Test
  void whatCannotBeAKeyIsNotTaken() throws IOException {
    KeyFile keys = KeyFile.open(file());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> keys.set("host/ci", "short"))
        .withMessageContaining("16 to 200")
        .withMessageNotContaining("short");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> keys.set("host/ci", "with a line break\nmaster=x"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> keys.set("Host CI", "a-key-that-i-chose-myself"));
    assertThat(keys.names()).isEmpty();
    assertThat(file()).doesNotExist();
  }

  @Test
  void whatCannotBeWrittenHasNotChanged() throws IOException {
    KeyFile keys = KeyFile.open(file());
    String key = keys.key("master");
    Files.delete(file());
    Files.delete(file().getParent());
    Files.writeString(file().getParent(), "a file where the directory was");
    assertThatThrownBy(() -> keys.set("master", "a-key-that-i-chose-myself"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("The file of keys " + file() + " cannot be written: ")
        .hasMessageContaining("FileAlreadyExistsException")
        .hasMessageContaining("permissions of its directory");
    assertThatThrownBy(() -> keys.remove("master")).isInstanceOf(UncheckedIOException.class);
    assertThat(keys.find("master")).contains(key);
  }
}
