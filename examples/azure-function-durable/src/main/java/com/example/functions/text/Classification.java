package com.example.functions.text;

import java.util.ArrayList;
import java.util.List;

/** What kind of text it is. */
public class Classification {
  /** Such as invoice; other, if nothing speaks for any. */
  public String kind;

  /** Its part of all that speaks for one kind or another, from 0 to 1. */
  public double confidence;

  /** The words that spoke for it. */
  public List<String> words = new ArrayList<>();

  /** How many words the text has. */
  public int length;
}
