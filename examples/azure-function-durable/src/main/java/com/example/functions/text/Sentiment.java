package com.example.functions.text;

/** The tone of a text. */
public class Sentiment {
  /** positive, negative or neutral. */
  public String tone;

  /** From -1, all negative, to 1. */
  public double score;

  /** How many words are positive, negated ones being counted as what they mean. */
  public int positive;

  public int negative;
}
