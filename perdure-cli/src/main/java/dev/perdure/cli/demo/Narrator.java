package dev.perdure.cli.demo;

import java.io.PrintWriter;
import java.time.Clock;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells what happens, a line each. What functions say is held back until the first story has its
 * heading: an interrupted one goes on the moment its hub is open. Safe from any thread.
 */
public final class Narrator {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final PrintWriter out;
  private final boolean colored;
  private final Clock clock;
  private final List<String> heldBack = new ArrayList<>();
  private boolean holdingBack = true;

  /**
   * A narrator.
   *
   * @param colored whether {@code out} is a terminal that shows colors
   */
  public Narrator(PrintWriter out, boolean colored, Clock clock) {
    this.out = out;
    this.colored = colored;
    this.clock = clock;
  }

  /** A line of its own kind: no time, no color. */
  synchronized void say(String text) {
    print(text);
  }

  /** The heading of a story. */
  synchronized void heading(String title, String explanation) {
    print("");
    print(styled("1", title));
    print(styled("2", explanation));
  }

  /** From here on functions are heard; first what they said before. */
  synchronized void listen() {
    holdingBack = false;
    heldBack.forEach(this::print);
    heldBack.clear();
  }

  /** An activity has done its work. */
  void done(String activity, String what) {
    fromFunction(styled("32", "%-14s".formatted(activity)) + " " + what);
  }

  /** An orchestrator has come to a point worth telling. */
  void turn(String what) {
    fromFunction(styled("33", "%-14s".formatted("orchestrator")) + " " + what);
  }

  /** Something about a story that is told from outside of it. */
  synchronized void note(String what) {
    print(time() + styled("36", what));
  }

  /** How a story ended. */
  synchronized void outcome(String what) {
    print(time() + styled("1", "=> " + what));
  }

  private synchronized void fromFunction(String line) {
    if (holdingBack) {
      heldBack.add(time() + line);
    } else {
      print(time() + line);
    }
  }

  private String time() {
    return styled("2", TIME.format(LocalTime.now(clock))) + "  ";
  }

  private void print(String line) {
    out.println(line);
    out.flush(); // whoever kills the process has seen all that was said
  }

  private String styled(String code, String text) {
    return colored ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
