package com.example.functions.text;

/** A text, and what kind of text it is as soon as that is known. */
public class Document {
  public String text;
  public Classification classification;
}
