package dev.perdure.iothub.event;

import java.util.List;
import java.util.regex.Pattern;

/**
 * An event hub that is to be there.
 *
 * @param name letters, digits, dots, dashes and underscores, up to 256, beginning and ending with a
 *     letter or digit; upper and lower case are the same
 * @param partitions from 1 to 32; 0 for as many as it has, or four if it is new
 * @param consumerGroups those besides $Default
 */
public record HubSettings(String name, int partitions, List<String> consumerGroups) {
  public static final int PARTITIONS_MAX = 32;
  public static final int PARTITIONS_DEFAULT = 4;

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,254}[A-Za-z0-9])?");
  private static final Pattern GROUP =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,48}[A-Za-z0-9])?");

  public HubSettings {
    consumerGroups = List.copyOf(consumerGroups);
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "The event hub's name is '%s'; use letters, digits, '.', '-' and '_', with a letter or digit at both ends."
              .formatted(name));
    }
    if (partitions < 0 || partitions > PARTITIONS_MAX) {
      throw new IllegalArgumentException(
          "Event hub '%s' is to have %d partitions; use 1 to %d."
              .formatted(name, partitions, PARTITIONS_MAX));
    }
    for (String group : consumerGroups) {
      if (!GROUP.matcher(group).matches() && !group.equalsIgnoreCase(EventHub.DEFAULT_GROUP)) {
        throw new IllegalArgumentException(
            "The consumer group is '%s'; use up to 50 letters, digits, '.', '-' and '_', with a letter or digit at both ends."
                .formatted(group));
      }
    }
  }
}
