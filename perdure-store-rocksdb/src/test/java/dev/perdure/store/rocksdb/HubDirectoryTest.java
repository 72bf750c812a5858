package dev.perdure.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.perdure.store.StoreException;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hub's directory lets happen, and what it refuses. */
class HubDirectoryTest {
  @TempDir Path temporary;

  @Test
  void aHubIsMadeWhereThereIsNothingWithEightPartitions() {
    Path directory = temporary.resolve("some/where/new");
    try (RocksStore store = RocksStore.open(directory)) {
      assertThat(store.partitions()).isEqualTo(8);
    }
    assertThat(directory.resolve("FORMAT")).content().contains("format=5", "partitions=8");
  }

  @Test
  void aHubInUseByThisProgramIsRefusedAndStaysLockedForOthers() throws Exception {
    Path directory = temporary.resolve("hub");
    try (RocksStore store = RocksStore.open(directory)) {
      assertThat(store.partitions()).isEqualTo(8);
      assertRefused(directory, "PD-2001").hasMessageContaining(directory.toString());
      assertRefused(temporary.resolve("./hub"), "PD-2001");
      assertThat(openElsewhere(directory)).contains("PD-2001");
    }
    assertThat(openElsewhere(directory)).contains("opened");
    RocksStore.open(directory).close();
  }

  /** Two applications of one server each have a class of their own. */
  @Test
  void aHubInUseUnderAnotherClassLoaderIsRefusedAndStaysLockedForOthers() throws Exception {
    Path directory = temporary.resolve("hub");
    try (RocksStore store = RocksStore.open(directory);
        URLClassLoader other = new URLClassLoader(classPath(), null)) {
      assertThat(store.partitions()).isEqualTo(8);
      Method open = other.loadClass(RocksStore.class.getName()).getMethod("open", Path.class);
      assertThatThrownBy(() -> open.invoke(null, directory))
          .rootCause()
          .hasMessageContaining("PD-2001")
          .hasMessageContaining("this program has it open already");
      assertThat(openElsewhere(directory)).contains("PD-2001");
    }
    assertThat(openElsewhere(directory)).contains("opened");
  }

  private static URL[] classPath() throws IOException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return urls.toArray(new URL[0]);
  }

  /** Whoever closes twice must not open the hub of the next one to others. */
  @Test
  void aStoreThatIsClosedAgainLeavesTheNextOneLocked() throws Exception {
    Path directory = temporary.resolve("hub");
    RocksStore first = RocksStore.open(directory);
    first.close();
    try (RocksStore second = RocksStore.open(directory)) {
      assertThat(second.partitions()).isEqualTo(8);
      first.close();
      assertRefused(directory, "PD-2001");
      assertThat(openElsewhere(directory)).contains("PD-2001");
    }
  }

  @Test
  void aHubInUseByAnotherProcessIsRefusedWithItsNumber() throws Exception {
    Path directory = temporary.resolve("hub");
    Process holder = OtherProcess.start("hold", directory);
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("opened");
      assertRefused(directory, "PD-2001")
          .hasMessageContaining("pid=" + holder.pid())
          .hasMessageContaining("Close that one first");
    } finally {
      holder.destroyForcibly().waitFor();
    }
    RocksStore.open(directory).close();
  }

  @Test
  void aKilledProcessLeavesNothingBehindWhereProgramsAreUnpacked() throws Exception {
    Path unpacked = Files.createDirectory(temporary.resolve("unpacked"));
    Process killed = OtherProcess.start("hold", temporary.resolve("hub"), unpacked);
    try {
      assertThat(killed.inputReader().readLine()).isEqualTo("opened");
    } finally {
      killed.destroyForcibly().waitFor();
    }
    assertThat(unpacked).isEmptyDirectory();
  }

  @Test
  void whoHasOpenedAHubUnpacksNothingForAnother() throws Exception {
    Path unpacked = Files.createDirectory(temporary.resolve("unpacked"));
    Process other = OtherProcess.start("another", temporary.resolve("hub"), unpacked);
    try {
      assertThat(other.inputReader().readLine()).isEqualTo("opened");
      Files.delete(unpacked);
      other.getOutputStream().write('\n');
      other.getOutputStream().flush();
      assertThat(other.inputReader().readLine()).isEqualTo("opened");
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  @Test
  void aHubOfANewerPerdureIsRefused() throws IOException {
    Path directory = temporary.resolve("hub");
    RocksStore.open(directory).close();
    Path format = directory.resolve("FORMAT");
    Files.writeString(format, Files.readString(format).replace("format=5", "format=6"));
    assertRefused(directory, "PD-2004").hasMessageContaining("newer");
  }

  @Test
  void aHubOfAnOlderPerdureIsOpenedAndFromThenOnRefusedByTheOlderOne() throws IOException {
    Path directory = temporary.resolve("hub");
    RocksStore.open(directory).close();
    Path format = directory.resolve("FORMAT");
    String ours = Files.readString(format);
    Files.writeString(format, ours.replace("format=5", "format=2"));
    RocksStore.open(directory).close();
    assertThat(format).hasContent(ours);
  }

  @Test
  void aDamagedFormatIsReported() throws IOException {
    Path directory = temporary.resolve("hub");
    RocksStore.open(directory).close();
    Files.writeString(directory.resolve("FORMAT"), "nonsense");
    assertRefused(directory, "PD-2003");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rows", "log"})
  void aPartThatIsAwayIsNamedAndNothingIsMadeInItsPlace(String part) throws IOException {
    Path directory = temporary.resolve("hub");
    RocksStore.open(directory).close();
    Path format = directory.resolve("FORMAT");
    String older = Files.readString(format).replace("format=5", "format=4");
    Files.writeString(format, older);
    Path away = temporary.resolve("away");
    Files.move(directory.resolve(part), away);

    assertRefused(directory, "PD-2003").hasMessageContaining("no directory '" + part + "'");

    assertThat(directory.resolve(part)).doesNotExist();
    assertThat(format).as("an older Perdure can still open it").hasContent(older);
    Files.move(away, directory.resolve(part));
    RocksStore.open(directory).close();
  }

  @Test
  void aDirectoryWithOtherThingsInItIsLeftAlone() throws IOException {
    Path photo = Files.writeString(temporary.resolve("photo.jpg"), "precious");
    assertRefused(temporary, "PD-2006").hasMessageContaining("photo.jpg");
    assertThat(temporary).isDirectoryNotContaining(file -> !file.equals(photo));
  }

  @Test
  void aPlaceThatCannotBeADirectoryIsRefused() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "");
    assertRefused(file.resolve("hub"), "PD-2005").hasMessageContaining("Check the path");
    assertRefused(file, "PD-2005");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aPlaceThatIsNoDiskIsNotCalledFull() {
    assertRefused(Path.of("/proc/hub"), "PD-2005").hasMessageContaining("Check the path");
  }

  @Test
  void anotherNumberOfPartitionsIsRefusedOnlyIfAskedFor() {
    Path directory = temporary.resolve("hub");
    RocksStore.open(directory, RocksStoreOptions.DEFAULTS.withPartitions(3)).close();
    assertThatThrownBy(
            () -> RocksStore.open(directory, RocksStoreOptions.DEFAULTS.withPartitions(4)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("PD-2010");
    try (RocksStore store = RocksStore.open(directory)) {
      assertThat(store.partitions()).isEqualTo(3);
    }
  }

  @Test
  void aRefusedHubOfAnOlderPerdureStaysAsItIs() throws IOException {
    Path directory = temporary.resolve("hub");
    RocksStore.open(directory, RocksStoreOptions.DEFAULTS.withPartitions(3)).close();
    Path format = directory.resolve("FORMAT");
    String older = Files.readString(format).replace("format=5", "format=2");
    Files.writeString(format, older);
    assertThatThrownBy(
            () -> RocksStore.open(directory, RocksStoreOptions.DEFAULTS.withPartitions(4)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("PD-2010");
    assertThat(format).hasContent(older);
  }

  @Test
  void optionsThatCannotWorkAreRefused() {
    assertThatThrownBy(() -> RocksStoreOptions.DEFAULTS.withPartitions(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("partitions is 0");
    assertThatThrownBy(() -> RocksStoreOptions.DEFAULTS.withLog(10, 10))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static AbstractThrowableAssert<?, ?> assertRefused(Path directory, String code) {
    return assertThatThrownBy(() -> RocksStore.open(directory).close())
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith(code);
  }

  private static String openElsewhere(Path directory) throws Exception {
    Process other = OtherProcess.start("open", directory);
    String said = String.valueOf(other.inputReader().readLine());
    if (!other.waitFor(1, TimeUnit.MINUTES)) {
      other.destroyForcibly();
      fail("The other process did not end");
    }
    return said;
  }
}
