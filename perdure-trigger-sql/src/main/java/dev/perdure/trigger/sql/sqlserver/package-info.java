/** Changes of a table of SQL Server, by change tracking and leases in the database. */
@NullMarked
package dev.perdure.trigger.sql.sqlserver;

import org.jspecify.annotations.NullMarked;
