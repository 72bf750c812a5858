package dev.perdure.functions.invoke;

import com.microsoft.azure.functions.OutputBinding;
import org.jspecify.annotations.Nullable;

/** Where a function puts an output. It holds nothing else: apps may write it as JSON. */
final class OutputSlot<T> implements OutputBinding<T> {
  private @Nullable T value;

  @Override
  @SuppressWarnings("NullAway") // the interface says nothing of null
  public @Nullable T getValue() {
    return value;
  }

  @Override
  public void setValue(@Nullable T chosen) {
    value = chosen;
  }
}
