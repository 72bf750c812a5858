package dev.perdure.testing;

import java.util.List;

/**
 * What {@link CrashEverywhere} found. {@link #toString()} is for people.
 *
 * @param commits how many commits the scenario takes when nobody is killed
 * @param crashes how often a host was killed
 * @param sampled whether there was too much to try it all
 * @param seed what the sample was drawn by
 * @param outcome what the scenario gave every time, as the data converter writes it
 * @param repeated activities that ran more often than they do when nobody is killed
 */
public record CrashReport(
    int commits, int crashes, boolean sampled, long seed, String outcome, List<Repeated> repeated) {

  /**
   * An activity that ran more often than it does when nobody is killed.
   *
   * @param activity its name
   * @param most how many times more at most
   * @param places where the host was killed when that happened
   */
  public record Repeated(String activity, int most, List<Place> places) {
    /** Copies the list. */
    public Repeated {
      places = List.copyOf(places);
    }
  }

  /**
   * Where a host was killed.
   *
   * @param point when exactly
   * @param when the same for people: what the activities were doing
   */
  public record Place(CrashPoint point, String when) {
    @Override
    public String toString() {
      return point + " (" + when + ")";
    }
  }

  /** Copies the list. */
  public CrashReport {
    repeated = List.copyOf(repeated);
  }

  /** The names of the activities that ran more often than they do when nobody is killed. */
  public List<String> repeatedActivities() {
    return repeated.stream().map(Repeated::activity).toList();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        sampled
            ? "%d commits, of which a sample was tried (seed %d): the host was killed %d times.\n"
                .formatted(commits, seed, crashes)
            : "%d commits, each tried: the host was killed %d times.\n"
                .formatted(commits, crashes));
    text.append("The outcome was the same every time: ").append(outcome).append('\n');
    if (repeated.isEmpty()) {
      return text.append("No activity ran more often than it does when nobody is killed.\n")
          .toString();
    }
    text.append("Activities that ran more often than they do when nobody is killed:\n");
    for (Repeated one : repeated) {
      text.append("  '%s', up to %d more:\n".formatted(one.activity(), one.most()));
      for (Place place : one.places()) {
        text.append("    killed ").append(place).append('\n');
      }
    }
    return text.toString();
  }
}
