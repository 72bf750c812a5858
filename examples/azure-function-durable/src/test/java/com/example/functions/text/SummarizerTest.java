package com.example.functions.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummarizerTest {
  @Test
  void theSentencesAboutWhatIsRepeatedAreTakenInTheirOrder() {
    String text =
        """
        It rained on that morning in the old town. Engines need gears, and gears need brass.
        Somebody whistled far away behind the houses. Without brass there are no gears
        for engines. A dog barked.
        """;
    assertEquals(
        "Engines need gears, and gears need brass. Without brass there are no gears for engines.",
        Summarizer.summarize(text));
  }

  @Test
  void whatSaysLittleIsLeftOut() {
    assertEquals(
        "The gears for the engine came today. The engine runs with these gears.",
        Summarizer.summarize(
            """
            The gears!

            The gears for the engine came today. The engine runs with these gears.
            Write to gears.gears@gears.example about parcels, boxes and bags.
            """));
  }

  @Test
  void aShortTextIsItsOwnSummary() {
    assertEquals("One thing. Another thing.", Summarizer.summarize("One thing.\nAnother thing."));
    assertEquals("", Summarizer.summarize(" \n\n"));
  }

  @Test
  void abbreviationsAndInitialsEndNoSentence() {
    assertEquals(
        List.of("Dr. A. Lovelace met Mr. Babbage, e.g. in London.", "It cost 1.50 EUR!", "Really?"),
        Words.sentences(
            "Dr. A. Lovelace met Mr. Babbage, e.g. in London. It cost 1.50 EUR! Really?"));
  }

  @Test
  void anEmptyLineEndsASentence() {
    assertEquals(
        List.of("A heading", "The text goes on here."),
        Words.sentences("A heading\n \nThe text\ngoes on here."));
  }
}
