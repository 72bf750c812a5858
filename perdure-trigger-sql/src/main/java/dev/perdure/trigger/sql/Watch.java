package dev.perdure.trigger.sql;

import dev.perdure.trigger.sql.change.SqlOptions;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.TableName;
import org.jspecify.annotations.Nullable;

/**
 * What a function watches.
 *
 * @param function the name of the function
 * @param database where
 * @param table what
 * @param leasesTable the table in which SQL Server keeps leases; null for the usual one
 * @param options how
 */
record Watch(
    String function,
    Database database,
    TableName table,
    @Nullable String leasesTable,
    SqlOptions options) {}
