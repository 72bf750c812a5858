package com.example.functions;

import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.sql.annotation.SQLTrigger;

/** Is told when rows of a table change. Switched off until there is a database: see the README. */
public class ToDo {
  @FunctionName("ToDoTrigger")
  public void changed(
      @SQLTrigger(
              name = "changes",
              tableName = "[dbo].[ToDo]",
              connectionStringSetting = "SqlConnectionString")
          ToDoChange[] changes,
      ExecutionContext context) {
    context.getLogger().info("Changes in [dbo].[ToDo]: " + changes.length);
  }
}
