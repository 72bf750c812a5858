package dev.perdure.cli.operations;

import dev.perdure.api.OrchestrationStatus;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options that choose orchestrations by status and time. */
final class FilterOptions {
  @Option(
      names = "--status",
      paramLabel = "STATUS",
      split = ",",
      converter = StatusName.class,
      completionCandidates = StatusNames.class,
      description = "Only in these statuses, with commas between them: ${COMPLETION-CANDIDATES}.")
  private @Nullable List<OrchestrationStatus> statuses;

  @Option(
      names = "--created-after",
      paramLabel = "TIME",
      converter = Moment.Past.class,
      description = "Only created at this time or later: 2026-11-26T14:30:00Z, or 24h ago as 24h.")
  private @Nullable Instant createdAfter;

  @Option(
      names = "--created-before",
      paramLabel = "TIME",
      converter = Moment.Past.class,
      description = "Only created before this time; 7d means more than seven days ago.")
  private @Nullable Instant createdBefore;

  Set<OrchestrationStatus> statuses() {
    return statuses == null ? Set.of() : EnumSet.copyOf(statuses);
  }

  /** Whether any of them was given. */
  boolean areGiven() {
    return statuses != null || createdAfter != null || createdBefore != null;
  }

  InstanceFilter filter(
      Set<OrchestrationStatus> otherwise, @Nullable String prefix, @Nullable String name) {
    return new InstanceFilter(
        statuses == null ? otherwise : statuses(), createdAfter, createdBefore, prefix, name);
  }

  /** A status in upper or lower case. */
  static final class StatusName implements ITypeConverter<OrchestrationStatus> {
    @Override
    public OrchestrationStatus convert(String text) {
      return Arrays.stream(OrchestrationStatus.values())
          .filter(status -> status.name().equalsIgnoreCase(text.strip()))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "'%s' is no status. There are %s."
                          .formatted(text, String.join(", ", new StatusNames()))));
    }
  }

  /** All statuses, for whoever completes a line. */
  static final class StatusNames implements Iterable<String> {
    @Override
    public java.util.Iterator<String> iterator() {
      return Arrays.stream(OrchestrationStatus.values())
          .map(status -> status.name().toLowerCase(Locale.ROOT))
          .collect(Collectors.toList())
          .iterator();
    }
  }
}
