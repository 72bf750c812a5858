package dev.perdure.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/**
 * Standard output that knows what went wrong with it: Java's own swallows every error, and a
 * history that was cut off by a full disk would look as if it were all.
 */
final class StandardOutput extends FilterOutputStream {
  private volatile @Nullable IOException failure;

  StandardOutput(OutputStream to) {
    super(to);
  }

  /** Takes the place of {@link System#out}. */
  static StandardOutput install() {
    Charset charset = System.out.charset();
    StandardOutput output = new StandardOutput(new FileOutputStream(FileDescriptor.out));
    System.setOut(new PrintStream(output, true, charset));
    return output;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      if (failure == null) {
        failure = e;
      }
      throw e;
    }
  }

  /** The first error; null if all was written, or whoever read it wanted no more. */
  @Nullable IOException failure() {
    IOException first = failure;
    return first != null && "Broken pipe".equals(first.getMessage()) ? null : first;
  }
}
