package com.example.functions.text;

import java.util.ArrayList;
import java.util.List;

/** What a text names, each once, in the order of the text. */
public class Entities {
  public List<String> emails = new ArrayList<>();

  /** As 2026-01-31; as written, if day and month could be either. */
  public List<String> dates = new ArrayList<>();

  public List<String> amounts = new ArrayList<>();
  public List<String> names = new ArrayList<>();
}
