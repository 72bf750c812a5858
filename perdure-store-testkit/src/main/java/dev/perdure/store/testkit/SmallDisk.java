package dev.perdure.store.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A disk of few megabytes that can be filled. To mount one takes root on Linux; elsewhere the test
 * is skipped, and says so.
 */
public final class SmallDisk implements AutoCloseable {
  private final Path directory;
  private final Path ballast;

  private SmallDisk(Path directory) {
    this.directory = directory;
    this.ballast = directory.resolve("ballast");
  }

  /**
   * An empty disk.
   *
   * @param directory where; must not exist, its parent must
   * @throws org.opentest4j.TestAbortedException if none can be mounted here
   */
  public static SmallDisk mount(Path directory, int mebibytes) {
    try {
      Files.createDirectory(directory);
      String size = "size=" + mebibytes + "m";
      if (run("mount", "-t", "tmpfs", "-o", size, "tmpfs", directory.toString()) == 0) {
        return new SmallDisk(directory);
      }
    } catch (IOException e) {
      throw new AssertionError("No place for a small disk: " + directory, e);
    }
    System.err.println("SKIPPED: no small disk could be mounted, so a full one was not tested");
    return abort("No small disk can be mounted here, so a full one is not tested");
  }

  private static int run(String... command) {
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      return -1; // there is no such command
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  /** A file or directory at its root. */
  public Path resolve(String name) {
    return directory.resolve(name);
  }

  /** Fills it, so that no more room is left than this. Once, before {@link #makeRoom}. */
  public void fill(long bytesLeft) throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (usable() > bytesLeft) {
        out.write(block);
      }
    } catch (IOException full) {
      assertThat(usable()).isLessThanOrEqualTo(bytesLeft);
    }
  }

  private long usable() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  /** Takes away what {@link #fill} has put there. */
  public void makeRoom() throws IOException {
    Files.delete(ballast);
  }

  /** Unmounts it, even while files on it are open: a test that fails leaves nothing behind. */
  @Override
  public void close() {
    assertThat(run("umount", "-l", directory.toString())).isZero();
  }
}
