package com.example.functions.text;

import java.util.List;

/** What was found, one by one. */
public class Findings {
  public Classification classification;
  public Entities entities;
  public String summary;
  public Sentiment sentiment;
  public List<Keyword> keywords;
}
