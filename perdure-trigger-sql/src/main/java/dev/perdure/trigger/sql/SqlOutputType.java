package dev.perdure.trigger.sql;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.trigger.OutputType;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.trigger.sql.query.SqlRows;

/** Writes what functions give into a table: {@code sql} out. */
public final class SqlOutputType implements OutputType {
  /** As hosts use it. */
  public SqlOutputType() {}

  @Override
  public String type() {
    return "sql";
  }

  @Override
  public Output create(
      FunctionDefinition function, Binding binding, TriggerEnvironment environment) {
    return SqlRows.of(binding, environment);
  }
}
