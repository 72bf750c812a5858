package dev.perdure.trigger.sql;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.TriggerType;
import dev.perdure.trigger.sql.change.Attempts;
import dev.perdure.trigger.sql.change.SqlOptions;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.TableName;

/** Runs functions when rows of a table change: {@code sqlTrigger}. */
public final class SqlTriggerType implements TriggerType {
  private final Attempts attempts;

  /** As hosts use it. */
  public SqlTriggerType() {
    this(Attempts.DEFAULTS);
  }

  SqlTriggerType(Attempts attempts) {
    this.attempts = attempts;
  }

  @Override
  public String type() {
    return "sqlTrigger";
  }

  @Override
  public Trigger create(
      FunctionDefinition function, FunctionRunner runner, TriggerEnvironment environment) {
    Binding binding = function.trigger();
    String tableName = binding.text("tableName");
    if (tableName == null) {
      throw new InvalidTriggerException("tableName is missing; it names the table to watch.");
    }
    try {
      Watch watch =
          new Watch(
              function.name(),
              Database.of(binding.text("connectionStringSetting"), environment.settings()),
              TableName.parse(environment.settings().resolve(tableName).strip()),
              binding.text("leasesTableName"),
              SqlOptions.of(environment.host(), environment.settings()));
      return new SqlTrigger(watch, runner, environment, attempts);
    } catch (MissingSettingException e) {
      throw new InvalidTriggerException("The tableName is wrong: " + e.getMessage(), e);
    }
  }
}
