package dev.perdure.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some of the instances that were asked for.
 *
 * @param rows the instances; fewer than the limit does not mean that there are no more
 * @param continuationToken where to go on; null if there are no more
 */
public record InstancePage(List<InstanceRow> rows, @Nullable String continuationToken) {}
