package dev.perdure.trigger.sql.connect;

/** The databases that triggers, inputs and outputs know. */
public enum DatabaseKind {
  /** SQL Server and Azure SQL. */
  SQL_SERVER("SQL Server"),
  /** PostgreSQL. */
  POSTGRESQL("PostgreSQL"),
  /** MariaDB and MySQL. */
  MARIADB("MariaDB");

  private final String title;

  DatabaseKind(String title) {
    this.title = title;
  }

  /** Its name, for people. */
  public String title() {
    return title;
  }
}
