package dev.perdure.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Payload;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which constructor makes a value again must not depend on whether the classes of a program were
 * compiled with {@code -parameters}.
 */
class ConstructorsTest {
  private static final String CLASSES =
      """
      import com.fasterxml.jackson.annotation.*;
      import java.util.*;

      class Values {
        static class Account {
          private long cents = 5;
          private String owner = "";
          Account() {}
          Account(String iban) { owner = iban.strip(); }
        }
        static class Scaled {
          private double value = 5;
          Scaled() {}
          Scaled(double value) { this.value = value * 10; }
        }
        static class Copied {
          private int a = 1;
          private int b = 2;
          Copied() {}
          Copied(Copied other) { a = other.a; b = other.b; }
        }
        static class Parsed {
          private int a = 1;
          private int b = 2;
          private Parsed() {}
          Parsed(String x, String y) { a = x.length(); b = y.length(); }
        }
        static class Chosen {
          private final int doubled;
          Chosen() { doubled = 6; }
          @JsonCreator Chosen(@JsonProperty("half") int half) { doubled = half * 2; }
          @JsonProperty("half") int half() { return doubled / 2; }
        }
        record Plain(String s, int n) { Plain() { this("s", 1); } }
        record OrderId(@JsonValue String text) {
          OrderId() { this("x"); }
          @JsonCreator static OrderId of(String text) { return new OrderId(text); }
        }
        record ItemId(@JsonValue String text) {
          ItemId() { this("x"); }
          @JsonCreator ItemId {}
        }
        static class Code {
          private final String text;
          Code() { this("x"); }
          @JsonCreator Code(String text) { this.text = text; }
          @JsonValue String text() { return text; }
        }
        static class Tags {
          private final List<String> all;
          Tags() { this(List.of("x")); }
          @JsonCreator Tags(List<String> all) { this.all = all; }
          @JsonValue List<String> all() { return all; }
        }
        enum Named {
          A("a"), B("b");
          private final String code;
          Named(String code) { this.code = code; }
          @JsonValue String code() { return code; }
          @JsonCreator static Named of(String code) {
            return Arrays.stream(values()).filter(v -> v.code.equals(code)).findAny().orElseThrow();
          }
        }
        enum Numbered {
          A, B;
          @JsonValue int number() { return ordinal() + 10; }
          @JsonCreator static Numbered of(int number) { return values()[number - 10]; }
        }
        static class All {
          Account account = new Account(" o ");
          Scaled scaled = new Scaled();
          Copied copied = new Copied(new Copied());
          Parsed parsed = new Parsed("abc", "d");
          Chosen chosen = new Chosen();
          Plain plain = new Plain();
          OrderId order = new OrderId();
          ItemId item = new ItemId();
          Code code = new Code();
          Tags tags = new Tags();
          Named named = Named.B;
          Numbered numbered = Numbered.B;
          Map<OrderId, Integer> byOrder = Map.of();
        }
      }
      """;

  @TempDir Path directory;

  private Class<?> compiled(String name, String... options) throws Exception {
    Path source = Files.writeString(directory.resolve("Values.java"), CLASSES);
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(
        List.of(
            "-proc:none",
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            directory.toString(),
            source.toString()));
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(result).isZero();
    return load(name);
  }

  private Class<?> load(String name) throws IOException, ClassNotFoundException {
    URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()});
    return loader.loadClass("Values$" + name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Account|{\"cents\":5,\"owner\":\"\"}",
        "Scaled|{\"value\":5.0}",
        "Copied|{\"a\":1,\"b\":2}",
        "Parsed|{\"a\":1,\"b\":2}",
        "Chosen|{\"half\":3,\"doubled\":6}",
        "Plain|{\"s\":\"s\",\"n\":1}",
        "OrderId|\"x\"",
        "ItemId|\"x\"",
        "Code|\"x\"",
        "Tags|[\"x\"]",
        "All|",
      })
  void whatWasWrittenIsReadBack(String name, String json) throws Exception {
    for (String[] options : List.of(new String[] {"-parameters"}, new String[0])) {
      Class<?> type = compiled(name, options);
      var constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      JacksonDataConverter converter = new JacksonDataConverter();

      Payload written = converter.toPayload(constructor.newInstance());
      Object back = converter.fromPayload(written, type);

      if (json != null) {
        assertThat(written.text().replace(" ", "")).isEqualTo(json);
      }
      assertThat(converter.toPayload(back)).as(List.of(options).toString()).isEqualTo(written);
    }
  }
}
