package dev.perdure.cli.demo;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** How eight books begin, all of them long out of copyright. */
final class Texts {
  /** Beginnings by title, always in the same order: orchestrators depend on it. */
  static final Map<String, String> BY_TITLE = byTitle();

  private Texts() {}

  private static Map<String, String> byTitle() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(
        "A Tale of Two Cities",
        """
        It was the best of times, it was the worst of times, it was the age of wisdom, it was the
        age of foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the
        season of Light, it was the season of Darkness, it was the spring of hope, it was the
        winter of despair.
        """);
    texts.put(
        "Moby-Dick",
        """
        Call me Ishmael. Some years ago, never mind how long precisely, having little or no money
        in my purse, and nothing particular to interest me on shore, I thought I would sail about a
        little and see the watery part of the world.
        """);
    texts.put(
        "Pride and Prejudice",
        """
        It is a truth universally acknowledged, that a single man in possession of a good fortune,
        must be in want of a wife. However little known the feelings or views of such a man may be
        on his first entering a neighbourhood, this truth is so well fixed in the minds of the
        surrounding families, that he is considered the rightful property of some one or other of
        their daughters.
        """);
    texts.put(
        "Alice's Adventures in Wonderland",
        """
        Alice was beginning to get very tired of sitting by her sister on the bank, and of having
        nothing to do: once or twice she had peeped into the book her sister was reading, but it
        had no pictures or conversations in it.
        """);
    texts.put(
        "Frankenstein",
        """
        You will rejoice to hear that no disaster has accompanied the commencement of an enterprise
        which you have regarded with such evil forebodings. I arrived here yesterday, and my first
        task is to assure my dear sister of my welfare and increasing confidence in the success of
        my undertaking.
        """);
    texts.put(
        "The Time Machine",
        """
        The Time Traveller (for so it will be convenient to speak of him) was expounding a
        recondite matter to us. His grey eyes shone and twinkled, and his usually pale face was
        flushed and animated.
        """);
    texts.put(
        "The Adventures of Sherlock Holmes",
        """
        To Sherlock Holmes she is always the woman. I have seldom heard him mention her under any
        other name. In his eyes she eclipses and predominates the whole of her sex.
        """);
    texts.put(
        "Three Men in a Boat",
        """
        There were four of us: George, and William Samuel Harris, and myself, and Montmorency. We
        were sitting in my room, smoking, and talking about how bad we were: bad from a medical
        point of view I mean, of course.
        """);
    return Collections.unmodifiableMap(texts);
  }
}
