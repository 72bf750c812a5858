package dev.perdure.trigger.storage;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.trigger.OutputType;
import dev.perdure.functions.trigger.TriggerEnvironment;

/**
 * Writes what functions give into blobs of Azure Storage, in place of what is there: texts and
 * bytes as they are, all else as JSON. A blob is durable when the function has succeeded.
 */
public final class BlobOutputType implements OutputType {
  @Override
  public String type() {
    return "blob";
  }

  @Override
  public Output create(
      FunctionDefinition function, Binding binding, TriggerEnvironment environment) {
    BlobBinding blob = BlobBinding.of(function, binding, environment);
    return (value, invocation) -> {
      BlobPath path = blob.path(invocation);
      blob.account().write(path, Content.of(value));
      LocalNotices.tell(blob.account().address(path.container()), path.name());
    };
  }
}
