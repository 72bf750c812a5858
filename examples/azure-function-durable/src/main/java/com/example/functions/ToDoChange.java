package com.example.functions;

/** A change of a row. The names are those of the trigger's JSON and of the table's columns. */
public class ToDoChange {
  /** 0: inserted, 1: updated, 2: deleted. */
  public int Operation;

  /** The row as it is now; of a deleted one, only the key. */
  public Row Item;

  /** A row of {@code [dbo].[ToDo]}. */
  public static class Row {
    public String Id;
    public Integer order;
    public String title;
    public String url;
    public Boolean completed;
  }
}
