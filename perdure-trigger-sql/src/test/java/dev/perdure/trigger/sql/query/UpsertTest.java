package dev.perdure.trigger.sql.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.trigger.sql.connect.DatabaseKind;
import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is said to SQL Server, which is not there to be asked. */
class UpsertTest {
  private static final SqlTable.Column PLAIN =
      new SqlTable.Column(Types.INTEGER, "int", false, false);
  private static final SqlTable.Column NUMBERED =
      new SqlTable.Column(Types.INTEGER, "int identity", true, true);

  private static Upsert upsert(SqlTable.Column key, String... given) {
    SqlTable table =
        new SqlTable(
            new Qualified("dbo", "Products"),
            Map.of("Id", key, "Cost", PLAIN, "Name", PLAIN),
            List.of("Id"));
    List<String> columns = List.of(given);
    return new Upsert(
        DatabaseKind.SQL_SERVER,
        table,
        columns,
        columns.contains("Id") ? List.of("Id") : List.of());
  }

  @Test
  void aRowIsMerged() {
    Upsert upsert = upsert(PLAIN, "Id", "Cost");
    assertThat(upsert.statement())
        .isEqualTo(
            """
            MERGE INTO [dbo].[Products] WITH (HOLDLOCK) AS existing
            USING (VALUES (?, ?)) AS incoming ([Id], [Cost])
            ON existing.[Id] = incoming.[Id]
            WHEN MATCHED THEN UPDATE SET existing.[Cost] = incoming.[Cost]
            WHEN NOT MATCHED THEN INSERT ([Id], [Cost]) VALUES (incoming.[Id], incoming.[Cost]);""");
    assertThat(upsert.parameters()).containsExactly("Id", "Cost");
  }

  @Test
  void aNumberThatTheServerGivesFindsARowAndIsNotWritten() {
    Upsert upsert = upsert(NUMBERED, "Id", "Cost");
    assertThat(upsert.statement())
        .isEqualTo(
            """
            MERGE INTO [dbo].[Products] WITH (HOLDLOCK) AS existing
            USING (VALUES (?, ?)) AS incoming ([Id], [Cost])
            ON existing.[Id] = incoming.[Id]
            WHEN MATCHED THEN UPDATE SET existing.[Cost] = incoming.[Cost]
            WHEN NOT MATCHED THEN INSERT ([Cost]) VALUES (incoming.[Cost]);""");
    assertThat(upsert.parameters()).containsExactly("Id", "Cost");
    assertThat(upsert(NUMBERED, "Id").isEmpty()).isTrue();
  }

  @Test
  void aRowWithoutItsNumberIsInserted() {
    Upsert upsert = upsert(NUMBERED, "Cost", "Name");
    assertThat(upsert.statement())
        .isEqualTo("INSERT INTO [dbo].[Products] ([Cost], [Name]) VALUES (?, ?)");
    assertThat(upsert.parameters()).containsExactly("Cost", "Name");
  }
}
