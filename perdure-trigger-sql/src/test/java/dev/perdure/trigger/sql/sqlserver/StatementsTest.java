package dev.perdure.trigger.sql.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.trigger.sql.change.Operation;
import dev.perdure.trigger.sql.change.RowChange;
import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said to SQL Server, as far as that can be told without one. */
class StatementsTest {
  private static final TrackedTable TABLE =
      new TrackedTable(
          42,
          new Qualified("dbo", "To]Do"),
          List.of("Id", "title", "Site"),
          List.of(
              new KeyColumn("Id", "int", ""),
              new KeyColumn("Site", "nvarchar(20)", " COLLATE Latin1_General_CI_AS")));

  private static Statements statements(String leasesTable) {
    return new Statements(
        new TrackedFunction("0123456789abcdef", "fedcba9876543210"),
        TABLE,
        leasesTable,
        Duration.ofSeconds(30));
  }

  @Test
  void theIdOfAFunctionIsTheBeginningOfAGuidMadeOfAHash() {
    // SHA-256 of "abc" begins with ba 78 16 bf 8f 01 cf ea.
    assertThat(FunctionId.of("abc")).isEqualTo("bf1678ba018feacf");
  }

  @Test
  void theIdComesFromTheNameOfTheAppOrElseOfTheHost() {
    assertThat(TrackedFunction.of("site", "host", "F"))
        .isEqualTo(new TrackedFunction(FunctionId.of("siteF"), FunctionId.of("hostFunctions.F")));
    assertThat(TrackedFunction.of(null, "host", "F"))
        .isEqualTo(new TrackedFunction(FunctionId.of("hostFunctions.F"), null));
  }

  @Test
  void leasesAreInATableOfTheFunctionOrInTheOneThatIsNamed() {
    assertThat(statements(null).createLeases())
        .contains("CREATE TABLE [az_func].[Leases_0123456789abcdef_42] (")
        .contains("[Id] int NOT NULL, [Site] nvarchar(20) COLLATE Latin1_General_CI_AS NOT NULL,")
        .contains("PRIMARY KEY ([Id], [Site])");
    assertThat(statements("My'Leases").createLeases())
        .contains("OBJECT_ID(N'[az_func].[My''Leases]', 'U')")
        .contains("CREATE TABLE [az_func].[My'Leases] (");
  }

  @Test
  void keysAreReadFromTheChangesAndOtherColumnsFromTheTable() {
    assertThat(statements(null).readChanges(100))
        .contains("SELECT TOP (100)")
        .contains("c.[Id] AS [Id], u.[title] AS [title], c.[Site] AS [Site]")
        .contains("CHANGETABLE(CHANGES [dbo].[To]]Do], @last) AS c")
        .contains("ON c.[Id] = u.[Id] AND c.[Site] = u.[Site]")
        .contains("l.[_az_func_AttemptCount] < 5")
        .contains("ORDER BY c.SYS_CHANGE_VERSION ASC");
  }

  @Test
  void theStateOfAnEarlierIdIsTakenOver() {
    assertThat(statements(null).insertState())
        .contains("VALUES ('0123456789abcdef', 42, COALESCE(")
        .contains("WHERE [UserFunctionID] = 'fedcba9876543210' AND [UserTableID] = 42),")
        .contains("CHANGE_TRACKING_MIN_VALID_VERSION(42)");
  }

  @Test
  void rowsArePassedAsJsonWithKeysUnderShortNames() {
    TrackedRow row =
        new TrackedRow(
            new RowChange(Operation.INSERT, List.of("1", "x"), "{}"),
            9,
            1,
            "\"k0\":1,\"k1\":\"x\"");

    assertThat(TrackedRow.toJson(List.of(row, row)))
        .isEqualTo("[{\"k0\":1,\"k1\":\"x\",\"v\":9},{\"k0\":1,\"k1\":\"x\",\"v\":9}]");
    assertThat(statements(null).lease())
        .contains(
            "OPENJSON(?) WITH ([Id] int '$.k0', [Site] nvarchar(20) '$.k1', [v] bigint '$.v')");
  }

  @Test
  void everyStatementHasAllThatBelongsIntoIt() {
    Statements statements = statements(null);

    assertThat(
            List.of(
                statements.lock(),
                statements.createSchema(),
                statements.createState(),
                statements.insertState(),
                statements.createLeases(),
                statements.raiseToMinimum(),
                statements.readChanges(1),
                statements.lease(),
                statements.renew(),
                statements.release(),
                statements.moveOn(7)))
        .allSatisfy(
            statement ->
                assertThat(statement)
                    .doesNotContain("%")
                    .satisfies(
                        text ->
                            assertThat(text.chars().filter(c -> c == '(').count())
                                .isEqualTo(text.chars().filter(c -> c == ')').count())));
  }

  @ParameterizedTest
  @CsvSource({
    "nvarchar, 40, 0, 0, nvarchar(20)",
    "varchar, -1, 0, 0, varchar(max)",
    "decimal, 9, 12, 3, 'decimal(12,3)'",
    "datetime2, 8, 27, 7, datetime2(7)",
    "int, 4, 10, 0, int",
    "uniqueidentifier, 16, 0, 0, uniqueidentifier"
  })
  void typesOfKeysAreDeclaredAsTheyAre(
      String name, int bytes, int precision, int scale, String declared) {
    assertThat(SqlServerCatalog.type(name, bytes, precision, scale)).isEqualTo(declared);
  }
}
