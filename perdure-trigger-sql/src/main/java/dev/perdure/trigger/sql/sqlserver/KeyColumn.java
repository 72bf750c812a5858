package dev.perdure.trigger.sql.sqlserver;

/**
 * A column of a primary key.
 *
 * @param type its type, as in a declaration
 * @param collation how its texts are compared, as in a declaration; empty for others
 */
record KeyColumn(String name, String type, String collation) {}
