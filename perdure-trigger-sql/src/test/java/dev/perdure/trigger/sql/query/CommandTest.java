package dev.perdure.trigger.sql.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Value;
import dev.perdure.trigger.sql.connect.DatabaseKind;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements with named parameters. */
class CommandTest {
  private static Command command(DatabaseKind kind, String text) {
    return Command.of(text, kind, Set.of("a", "b"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "select * from t where a = @a and b = @B|select * from t where a = ? and b = ?|2",
        "select '@a', \"@a\", @a|select '@a', \"@a\", ?|1",
        "select 'it''s @a', @a|select 'it''s @a', ?|1",
        "select 'it''s @a' -- @a|select 'it''s @a' -- @a|0",
        "select 1 /* @a */, @a|select 1 /* @a */, ?|1",
        "select @@rowcount, @@a, @other, @ab, @a|select @@rowcount, @@a, @other, @ab, ?|1",
        "select 'never closed @a|select 'never closed @a|0"
      })
  void parametersAreReplacedOutsideOfQuotesAndComments(String text, String sql, int count) {
    for (DatabaseKind kind : DatabaseKind.values()) {
      Command command = command(kind, text);

      assertThat(command.sql()).as(kind.name()).isEqualTo(sql);
      assertThat(command.parameters()).hasSize(count);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "SQL_SERVER|select [@a], [@b]]@a], @a|select [@a], [@b]]@a], ?",
        "SQL_SERVER|select '\\', @a|select '\\', ?",
        "SQL_SERVER|select /* /* */ @a */ @a|select /* /* */ @a */ ?",
        "POSTGRESQL|select array[@a], x[@b]|select array[?], x[?]",
        "POSTGRESQL|select $x$ @a $x$, $$ @a $$, @a|select $x$ @a $x$, $$ @a $$, ?",
        "POSTGRESQL|select a$1$b, @a|select a$1$b, ?",
        "POSTGRESQL|select j ? 'x', @a|select j ?? 'x', ?",
        "POSTGRESQL|select '\\', @a, E'\\'@a', @b|select '\\', ?, E'\\'@a', ?",
        "POSTGRESQL|select /* /* */ @a */ @a|select /* /* */ @a */ ?",
        "POSTGRESQL|select a # @a|select a # ?",
        "MARIADB|select 'it\\'s @a', \"\\\"@a\", @a|select 'it\\'s @a', \"\\\"@a\", ?",
        "MARIADB|select `@a`, @a # @a|select `@a`, ? # @a",
        "MARIADB|select 1--@a|select 1--?",
        "MARIADB|select /* /* */ @a|select /* /* */ ?",
      })
  void quotesAndCommentsAreThoseOfTheDatabase(DatabaseKind kind, String text, String sql) {
    assertThat(command(kind, text).sql()).isEqualTo(sql);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "*|select * from %TABLE% where a like '%HOME%'|select * from todo where a like '%HOME%'",
        "*|select 'it''s %HOME%', %TABLE%|select 'it''s %HOME%', todo",
        "*|select %TABLE% -- don't %HOME%|select todo -- don't %HOME%",
        "*|select /* %HOME% */ 7 % 3 from t|select /* %HOME% */ 7 % 3 from t",
        "*|select 7 % 3, '%HOME%' from t where a % 2 = 0|select 7 % 3, '%HOME%' from t where a % 2 = 0",
        "SQL_SERVER|select * from [dbo].[%TABLE%], \"%TABLE%\"|select * from [dbo].[todo], \"todo\"",
        "POSTGRESQL|select E'\\'%HOME%', $$%HOME%$$ from \"%TABLE%\"|select E'\\'%HOME%', $$%HOME%$$ from \"todo\"",
        "MARIADB|select '\\'%HOME%', \"%HOME%\" from `%TABLE%`|select '\\'%HOME%', \"%HOME%\" from `todo`",
      })
  void settingsAreReplacedOutsideOfTextsAndComments(String kinds, String text, String resolved) {
    Settings settings = Settings.of(Map.of("TABLE", "todo", "HOME", "/root"));
    for (DatabaseKind kind : DatabaseKind.values()) {
      if (kinds.equals("*") || kinds.equals(kind.name())) {
        assertThat(new SqlText(text, kind).withSettings(settings))
            .as(kind.name())
            .isEqualTo(resolved);
      }
    }
  }

  private static Map<String, String> filled(String text, Map<String, Value> metadata) {
    return Parameters.parse(text, "F", Settings.of(Map.of("CITY", "Oslo")), InstantSource.system())
        .fill(new Invocation(Value.NOTHING, metadata, "test", null));
  }

  @Test
  void valuesMayHaveExpressionsAndSettingsAndNull() {
    Map<String, String> expected = new HashMap<>();
    expected.put("id", "7");
    expected.put("city", "Oslo");
    expected.put("none", null);
    expected.put("text", "a=b");
    expected.put("empty", "");

    assertThat(
            filled(
                "@Id={id}, @city=%CITY%,@none=NULL,@text=a=b,@empty=",
                Map.of("id", new Value.Text("7"))))
        .isEqualTo(expected);
  }

  @Test
  void aValueFromOutsideStaysOneValueWhateverIsInIt() {
    assertThat(filled("@a={q}", Map.of("q", new Value.Text("x,@b=y"))))
        .isEqualTo(Map.of("a", "x,@b=y"));
  }

  @Test
  void whatHasNoValueIsNull() {
    Map<String, String> expected = new HashMap<>();
    expected.put("owner", null);
    expected.put("part", null);
    expected.put("town", "Oslo");

    assertThat(
            Parameters.parse(
                    "@owner={owner},@part={part},@town={town}",
                    "F",
                    Settings.NONE,
                    InstantSource.system())
                .fill(
                    new Invocation(
                        new Value.Text("{\"owner\":null,\"town\":\"Oslo\"}"),
                        Map.of("part", Value.NOTHING),
                        "test",
                        null)))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"id=1", "@=1", "@id"})
  void otherFormsAreRefused(String text) {
    assertThatThrownBy(() -> filled(text, Map.of())).isInstanceOf(InvalidTriggerException.class);
  }
}
