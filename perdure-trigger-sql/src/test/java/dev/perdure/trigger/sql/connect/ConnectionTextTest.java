package dev.perdure.trigger.sql.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which database a connection string means. */
class ConnectionTextTest {
  private static Database database(String text) {
    return Database.of("Db", Settings.of(Map.of("Db", text)));
  }

  private static Properties properties(String text) {
    return database(text).driverProperties();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Server=tcp:db,1433;Database=x|SQL_SERVER",
        "Data Source=db;Initial Catalog=x|SQL_SERVER",
        "jdbc:sqlserver://db;databaseName=x|SQL_SERVER",
        "jdbc:postgresql://db/x|POSTGRESQL",
        "postgresql://u:p@db/x|POSTGRESQL",
        "postgres://db/x|POSTGRESQL",
        "Host=db;Username=u|POSTGRESQL",
        "jdbc:mariadb://db/x|MARIADB",
        "jdbc:mysql://db/x|MARIADB",
        "mysql://u:p@db/x|MARIADB"
      })
  void theFormDecidesWhichDatabaseItIs(String text, DatabaseKind kind) {
    assertThat(database(text).kind()).isEqualTo(kind);
  }

  /** Drivers quote what they cannot read, and what they say is logged. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://localhost/db?user=u&password=SE%CRET",
        "jdbc:postgresql://localhost:port/db?user=u&password=SE%CRET",
        "jdbc:mysql://u:SE%CRET@localhost/db",
        "jdbc:mariadb:localhost/db?user=u&password=SE%CRET",
        "jdbc:sqlserver://u:SE%CRET@localhost;databaseName=db"
      })
  void passwordsAreNotShownWhereADriverCannotReadTheAddress(String text) {
    assertThatThrownBy(() -> database(text).connect()).hasMessageNotContaining("CRET").hasNoCause();
  }

  @Test
  void stringsOfSqlServerAreTranslatedForItsDriver() {
    assertThat(
            properties(
                "Server=tcp:db.example.org,1444;Initial Catalog=x;User ID=u;Password=\"a;'b\"\"c\";Encrypt=True;TrustServerCertificate=yes;Connection Timeout=30;MultipleActiveResultSets=False"))
        .containsEntry("serverName", "db.example.org")
        .containsEntry("portNumber", "1444")
        .containsEntry("databaseName", "x")
        .containsEntry("user", "u")
        .containsEntry("password", "a;'b\"c")
        .containsEntry("encrypt", "true")
        .containsEntry("trustServerCertificate", "true")
        .containsEntry("loginTimeout", "30");
    assertThat(properties("Data Source=.\\SQLEXPRESS;UID=u;PWD='x=y'"))
        .containsEntry("serverName", "localhost")
        .containsEntry("instanceName", "SQLEXPRESS")
        .containsEntry("user", "u")
        .containsEntry("password", "x=y");
    assertThat(properties("server=db;encrypt=Strict;integrated security=SSPI;"))
        .containsEntry("encrypt", "strict")
        .containsEntry("integratedSecurity", "true");
  }

  @Test
  void stringsOfNpgsqlAreTranslated() {
    Database database =
        database("Host=db;Port=5433;Username=u;Password=p;Database=my db;SSL Mode=VerifyFull");

    assertThat(database.url()).isEqualTo("jdbc:postgresql://db:5433/my%20db");
    assertThat(database.driverProperties())
        .containsEntry("user", "u")
        .containsEntry("password", "p")
        .containsEntry("sslmode", "verify-full");
  }

  @Test
  void uriHaveUsersAndPasswordsInThem() {
    Database database = database("postgresql://me%40home:p%2B+w@db:5433/x?sslmode=require");

    assertThat(database.url()).isEqualTo("jdbc:postgresql://db:5433/x?sslmode=require");
    assertThat(database.driverProperties())
        .containsEntry("user", "me@home")
        .containsEntry("password", "p++w");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "secret",
        "http://secret",
        "Password=secret",
        "Server=db;secret",
        "Server=db;Password='secret",
        "Server=np:secret",
        "Server=db,secret",
        "Server=db;Encrypt=secret",
        "Host=db;SSL Mode=secret",
        "postgresql://a b:secret@db"
      })
  void otherFormsAreRefusedWithoutShowingThem(String text) {
    assertThatThrownBy(() -> database(text))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("setting 'Db'")
        .hasMessageContaining("postgresql://")
        .hasMessageNotContaining("secret")
        .hasNoCause();
  }

  @Test
  void aSettingThatIsMissingIsNamed() {
    assertThatThrownBy(() -> Database.of("Db", Settings.NONE))
        .hasMessage("The connection string setting 'Db' is missing in the app settings.");
    assertThatThrownBy(() -> Database.of(null, Settings.NONE))
        .hasMessageContaining("connectionStringSetting is missing");
  }

  @Test
  void nothingOfItIsShown() {
    assertThat(database("postgresql://u:secret@db/x")).hasToString("PostgreSQL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a.", ".a", "a.b.c", "[a", "\"a\"b", "[a]b"})
  void namesOfTablesThatAreNoneAreRefused(String text) {
    assertThatThrownBy(() -> TableName.parse(text))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("is not the name of a table");
  }

  @Test
  void quotesAreDoubledWithinNames() {
    assertThat(TableName.parse("[a]]b].\"c\"\"d\""))
        .isEqualTo(
            new TableName(
                new TableName.Part("a]b", false),
                new TableName.Part("c\"d", true),
                "[a]]b].\"c\"\"d\""));
  }

  private static TableName.Qualified among(String text, String... tables) {
    return TableName.parse(text)
        .among(
            Stream.of(tables).map(table -> new TableName.Qualified("dbo", table)).toList(),
            List.of("dbo"),
            List.of("dbo"));
  }

  /** Most databases of SQL Server do not tell upper from lower case. */
  @Test
  void aTableThatDiffersInCaseOnlyIsFoundIfThereIsOneSuch() {
    TableName.Qualified products = new TableName.Qualified("dbo", "Products");
    assertThat(among("[DBO].[products]", "Products", "Other")).isEqualTo(products);
    assertThat(among("PRODUCTS", "Products", "Other")).isEqualTo(products);
    assertThat(among("products", "Products", "PRODUCTS")).isNull();
    assertThat(among("\"products\"", "Products")).isNull();
    assertThat(among("Products", "products", "Products", "PRODUCTS")).isEqualTo(products);
  }
}
