package dev.perdure.trigger.sql;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.trigger.InputType;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.trigger.sql.query.SqlQuery;

/** Gives functions the rows of a query: {@code sql} in. */
public final class SqlInputType implements InputType {
  /** As hosts use it. */
  public SqlInputType() {}

  @Override
  public String type() {
    return "sql";
  }

  @Override
  public Input create(
      FunctionDefinition function, Binding binding, TriggerEnvironment environment) {
    return SqlQuery.of(function, binding, environment);
  }
}
