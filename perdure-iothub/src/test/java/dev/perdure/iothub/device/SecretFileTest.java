package dev.perdure.iothub.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFileTest {
  @TempDir Path directory;

  @Test
  void replacesWhatIsThereAndWhatAnInterruptedWriterLeftBehind() throws Exception {
    Path file = Files.writeString(directory.resolve("policy.key"), "old, and longer than the new");
    Files.writeString(directory.resolve("policy.key.new"), "half of what");

    SecretFile.replace(file, "new\n");

    assertThat(file).hasContent("new\n");
    assertThat(directory).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void onlyItsOwnerCanReadIt() throws Exception {
    Path file = directory.resolve("policy.key");
    Files.writeString(file, "readable by others");

    SecretFile.replace(file, "secret");

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }
}
