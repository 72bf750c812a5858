package dev.perdure.cli.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class FieldsTest {
  @Test
  void whatAFunctionSaidBreaksNoLineAndCommandsNoTerminal() {
    StringWriter out = new StringWriter();

    new Fields()
        .add("status", "Failed")
        .add("output", "\u001b[2Jgone\nand more")
        .print(new PrintWriter(out));

    assertThat(out.toString().lines())
        .containsExactly("status  Failed", "output  \\u001b[2Jgone\\nand more");
  }
}
