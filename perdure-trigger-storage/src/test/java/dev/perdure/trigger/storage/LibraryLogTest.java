package dev.perdure.trigger.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LibraryLogTest {
  private final Logger storage = Logger.getLogger("com.azure.storage");
  private final Logger http = Logger.getLogger("com.azure.core.http");
  private final Level before = storage.getLevel();

  @AfterEach
  void restore() {
    storage.setLevel(before);
    http.setLevel(before);
  }

  @Test
  void theLibraryIsSilentUnlessSomebodyHasChosenALevel() {
    storage.setLevel(null);
    http.setLevel(Level.INFO);

    var unused =
        Service.blobs(StorageConnection.parse("T", "UseDevelopmentStorage=true")).blobClient();

    assertThat(storage.getLevel()).isEqualTo(Level.OFF);
    assertThat(http.getLevel()).isEqualTo(Level.INFO);
  }
}
