package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.engine.ActivityStart;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.StoreException;
import dev.perdure.store.testkit.CrashCopy;
import dev.perdure.testing.LivenessAudit;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories that cannot be used, and what a user is told. The full disk has its own test. */
class BadDirectoryTest {
  /** What every block of the log begins with, and where blocks may begin. */
  private static final int BLOCK_MAGIC = 0x50444C31;

  private static final int BLOCK_ALIGNMENT = 4096;

  /** Somewhere behind a block's header. */
  private static final int INSIDE_A_BLOCK = 50;

  @TempDir Path temporary;

  private static Perdure.Builder hub(Path directory) {
    return Perdure.embedded(directory).storeOptions(Hubs::small).register(new Cities());
  }

  private static AbstractThrowableAssert<?, ?> assertRefused(Path directory, String code) {
    return assertThatThrownBy(() -> hub(directory).start().close())
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith(code)
        .hasMessageContaining(directory.toString());
  }

  private static void assertUsable(Perdure perdure) {
    PerdureClient client = perdure.client();
    assertThat(Hubs.output(client, client.startNew("helloCities"), String.class))
        .isEqualTo("Hello, Tokyo, Hello, London");
  }

  // ---- not ours -----------------------------------------------------------------------------

  @Test
  void aPlaceThatCannotBeADirectoryIsRefused() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "content");
    assertRefused(file.resolve("hub"), "PD-2005").hasMessageContaining("Check the path");
    assertRefused(file, "PD-2005");
    assertThat(file).content().isEqualTo("content");
  }

  @Test
  void aDirectoryWithOtherThingsInItIsLeftAsItIs() throws IOException {
    Path photo = Files.writeString(temporary.resolve("photo.jpg"), "precious");
    assertRefused(temporary, "PD-2006").hasMessageContaining("photo.jpg");
    assertThat(temporary).isDirectoryNotContaining(file -> !file.equals(photo));
    assertThat(photo).content().isEqualTo("precious");
  }

  // ---- locked -------------------------------------------------------------------------------

  @Test
  void aHubThatThisProgramHasOpenIsNotOpenedTwice() {
    Path directory = temporary.resolve("hub");
    Perdure.Builder again = hub(directory);
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertRefused(directory, "PD-2001").hasMessageContaining("this program");
      assertThatThrownBy(again::start).hasMessageContaining("PD-2001");
      assertUsable(perdure);
    }
    try (Perdure perdure = again.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertUsable(perdure);
    }
  }

  @Test
  void aHubThatAnotherProcessHasOpenIsRefusedUntilThatIsGone() throws Exception {
    Path directory = temporary.resolve("hub");
    try (ChildProgram other =
        ChildProgram.start(
            line -> {},
            LoadProgram.class,
            directory.toString(),
            ActivityStart.STRICT.name(),
            "holder",
            "idle")) {
      other.awaitLines(1, line -> line.equals("open"));
      assertRefused(directory, "PD-2001").hasMessageContaining("pid=" + other.pid());
      assertRefused(directory, "PD-2001");
    }
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertUsable(perdure);
    }
  }

  // ---- of another time ----------------------------------------------------------------------

  @Test
  void aHubOfANewerPerdureIsRefusedAndLeftAsItIs() throws IOException {
    Path directory = temporary.resolve("hub");
    hub(directory).start().close();
    Path format = directory.resolve("FORMAT");
    String ours = Files.readString(format);
    Files.writeString(format, ours.replaceFirst("format=[0-9]+", "format=99"));
    Map<Path, ByteBuffer> before = contents(directory);
    assertRefused(directory, "PD-2004")
        .hasMessageContaining("newer")
        .hasMessageContaining("format 99");
    assertUnchanged(directory, before);
    Files.writeString(format, ours);
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertUsable(perdure);
    }
  }

  @Test
  void aHubIsNotOpenedWithAnotherNumberOfPartitions() {
    Path directory = temporary.resolve("hub");
    hub(directory).storeOptions(options -> options.withPartitions(4)).start().close();
    assertThatThrownBy(
            () -> hub(directory).storeOptions(options -> options.withPartitions(5)).start())
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("PD-2010")
        .hasMessageContaining("4")
        .hasMessageContaining("5");
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertUsable(perdure);
    }
  }

  // ---- damaged ------------------------------------------------------------------------------

  @Test
  void aLogThatIsDamagedInTheMiddleIsReportedAndLeftAsItIs() throws IOException {
    Path crashed = crashedHub();
    Path whole = temporary.resolve("whole");
    CrashCopy.of(crashed, whole);
    try (Perdure perdure = hub(whole).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      for (int i = 0; i < 50; i++) {
        assertThat(Hubs.output(perdure.client(), "hello" + i, String.class))
            .isEqualTo("Hello, Tokyo, Hello, London");
      }
    }
    List<Block> blocks = blocks(crashed);
    assertThat(blocks).hasSizeGreaterThan(20);
    Block middle = blocks.get(blocks.size() / 2);
    try (RandomAccessFile file = new RandomAccessFile(middle.file().toFile(), "rw")) {
      file.seek(middle.offset() + INSIDE_A_BLOCK);
      int damaged = file.read() ^ 0x10;
      file.seek(middle.offset() + INSIDE_A_BLOCK);
      file.write(damaged);
    }
    Map<Path, ByteBuffer> before = contents(crashed.resolve("log"));
    for (int attempt = 1; attempt <= 2; attempt++) { // it does not go away by trying again
      assertThatThrownBy(() -> hub(crashed).start().close())
          .isInstanceOf(CorruptStoreException.class)
          .hasMessageStartingWith("PD-2003")
          .hasMessageContaining(middle.file().toString())
          .hasMessageContaining("backup");
      assertUnchanged(crashed.resolve("log"), before);
    }
  }

  @Test
  void aCommitThatACrashCutShortIsNoDamage() throws IOException {
    Path crashed = crashedHub();
    Block last = blocks(crashed).getLast();
    try (RandomAccessFile file = new RandomAccessFile(last.file().toFile(), "rw")) {
      file.seek(last.offset() + INSIDE_A_BLOCK);
      file.write(new byte[] {0, 0, 0, 0, 0, 0, 0, 0});
    }
    try (Perdure perdure = hub(crashed).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertUsable(perdure);
    }
  }

  /** A hub as it lies there after a crash, with fifty orchestrations that had ended. */
  private Path crashedHub() throws IOException {
    Path directory = temporary.resolve("hub");
    Path crashed = temporary.resolve("crashed");
    try (Perdure perdure = hub(directory).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      for (int i = 0; i < 50; i++) {
        String id = perdure.client().startNew("helloCities", null, StartOptions.id("hello" + i));
        Hubs.completed(perdure.client(), id);
      }
      CrashCopy.of(directory, crashed);
    }
    return crashed;
  }

  private record Block(Path file, long offset) {}

  private static List<Block> blocks(Path directory) throws IOException {
    List<Block> blocks = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory.resolve("log"))) {
      for (Path file : files.sorted().toList()) {
        ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file));
        for (int at = 0; at + BLOCK_ALIGNMENT <= content.limit(); at += BLOCK_ALIGNMENT) {
          if (content.getInt(at) == BLOCK_MAGIC) {
            blocks.add(new Block(file, at));
          }
        }
      }
    }
    return blocks;
  }

  private static Map<Path, ByteBuffer> contents(Path directory) throws IOException {
    Map<Path, ByteBuffer> contents = new HashMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        // A file that was being prepared for the log holds nothing yet; the next hub begins anew.
        if (!name.equals("LOCK") && !name.endsWith(".tmp")) {
          contents.put(file, ByteBuffer.wrap(Files.readAllBytes(file)));
        }
      }
    }
    return contents;
  }

  private static void assertUnchanged(Path directory, Map<Path, ByteBuffer> before)
      throws IOException {
    Map<Path, ByteBuffer> now = contents(directory);
    assertThat(now.keySet()).isEqualTo(before.keySet());
    before.forEach(
        (file, content) -> assertThat(now.get(file).equals(content)).as(file + "").isTrue());
  }
}
