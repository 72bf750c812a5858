package com.example.functions.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The documents that the README sends. */
final class Samples {
  static final String INVOICE = read("invoice.txt");
  static final String LETTER = read("letter.txt");

  private Samples() {}

  private static String read(String name) {
    try {
      return Files.readString(Path.of("documents", name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
