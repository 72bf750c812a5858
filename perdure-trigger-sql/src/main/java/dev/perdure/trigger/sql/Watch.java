package dev.perdure.trigger.sql;

import dev.perdure.trigger.sql.change.SqlOptions;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.TableName;

/**
 * What a function watches.
 *
 * @param function the name of the function
 * @param database where
 * @param table what
 * @param options how
 */
record Watch(String function, Database database, TableName table, SqlOptions options) {}
