package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables. */
class OutputTest {
  @Test
  void whatIsInACellBreaksNoLineAndCommandsNoTerminal() {
    StringWriter out = new StringWriter();

    Output.table(
        new PrintWriter(out),
        List.of("ID", "NAME"),
        List.of(List.of("a\nb\tc", "\u001b[31mred"), List.of("$1", "\u00e9")));

    assertThat(out.toString().lines())
        .containsExactly("ID       NAME", "a\\nb\\tc  \\u001b[31mred", "$1       \u00e9");
  }

  @Test
  void aTextOfSeveralLinesKeepsThemAndCommandsNoTerminal() {
    assertThat(Output.printableLines("a\n\u001b[31mred\r\n")).isEqualTo("a\n\\u001b[31mred\\r\n");
  }
}
