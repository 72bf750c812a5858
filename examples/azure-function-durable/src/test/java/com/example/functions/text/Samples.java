package com.example.functions.text;

/** Texts that several tests read. */
final class Samples {
  static final String INVOICE =
      """
      INVOICE No. 2026-117

      Date: 5 March 2026
      Bill to: Analytical Engines Ltd, Dr. Ada Lovelace

      Brass gears, 12 pieces: EUR 1,250.00
      Punched cards, 400 pieces: EUR 90.50

      Subtotal 1,340.50 EUR, VAT 254.70 EUR, total amount due 1,595.20 EUR.
      Payment is due by 2026-04-04. Questions? Write to billing@gears.example.
      """;

  static final String LETTER =
      """
      Dear Mr Babbage,

      thank you for the gears. The gears arrived on 31 March 2026 and the engine runs smoothly with
      them. My colleague Mary Somerville was delighted, and we recommend your workshop in London to
      all our friends. The packaging was not good, but nothing was damaged.

      Yours sincerely,
      Ada Lovelace
      """;

  private Samples() {}
}
