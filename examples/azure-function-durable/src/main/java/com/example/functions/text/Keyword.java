package com.example.functions.text;

/** A word and how often it is there. */
public class Keyword {
  public String word;
  public int count;
}
