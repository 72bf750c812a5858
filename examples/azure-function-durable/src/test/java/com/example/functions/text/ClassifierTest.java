package com.example.functions.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassifierTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "invoice  | The total amount due is payable within 30 days.",
        "contract | This agreement binds both parties; either party may terminate it.",
        "letter   | Dear Ada, thank you for writing. Sincerely, Charles",
        "report   | Revenue increased this quarter compared with the last; results follow.",
        "resume   | Education: university degree. Skills: mathematics. Ten years of experience.",
        "other    | The cat sat on the mat and looked at the moon.",
      })
  void theVocabularyTellsTheKind(String kind, String text) {
    assertEquals(kind, Classifier.classify(text).kind);
  }

  @Test
  void oneWordIsNotEnough() {
    assertEquals("other", Classifier.classify("The report is on the table-top.").kind);
    assertEquals(0, Classifier.classify("The report is on the table-top.").confidence);
  }

  @Test
  void theWordsThatSpokeForItAreGiven() {
    Classification found = Classifier.classify("Total due: 5. Dear me, the total!");
    assertEquals("invoice", found.kind);
    assertEquals(List.of("due", "total"), found.words);
    // due and twice total, against dear.
    assertEquals(0.75, found.confidence);
    assertEquals(6, found.length);
  }

  @Test
  void aWordThatIsRepeatedWithoutEndDoesNotDecideAlone() {
    String text = "Dear dear dear dear dear dear dear! Payment of the total amount is due.";
    assertEquals("invoice", Classifier.classify(text).kind);
  }

  @Test
  void wholeDocuments() {
    assertEquals("invoice", Classifier.classify(Samples.INVOICE).kind);
    assertEquals("letter", Classifier.classify(Samples.LETTER).kind);
    assertTrue(Classifier.classify(Samples.INVOICE).confidence > 0.8);
  }

  @Test
  void nothingIsOther() {
    assertEquals("other", Classifier.classify("").kind);
    assertEquals(0, Classifier.classify("").length);
  }
}
