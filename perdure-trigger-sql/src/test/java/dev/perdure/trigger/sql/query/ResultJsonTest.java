package dev.perdure.trigger.sql.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ResultJsonTest {
  private static List<String> names(String... labels) {
    return ResultJson.names(List.of(labels));
  }

  @Test
  void columnsWithLabelsOfTheirOwnKeepThem() {
    assertThat(names("id", "name", "id1")).containsExactly("id", "name", "id1");
  }

  @Test
  void ofColumnsWithOneLabelTheFirstKeepsIt() {
    assertThat(names("id", "name", "id", "ID", "name"))
        .containsExactly("id", "name", "id1", "ID2", "name1");
    assertThat(names("id", "id", "id1")).containsExactly("id", "id2", "id1");
  }

  @Test
  void columnsWithoutALabelAreCounted() {
    assertThat(names("", "n", "", "column3")).containsExactly("Column1", "n", "Column2", "column3");
  }
}
