package dev.perdure.trigger.storage;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.trigger.InputType;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.Value;

/** Reads blobs of Azure Storage for functions; a blob that is not there is nothing. */
public final class BlobInputType implements InputType {
  @Override
  public String type() {
    return "blob";
  }

  @Override
  public Input create(
      FunctionDefinition function, Binding binding, TriggerEnvironment environment) {
    BlobBinding blob = BlobBinding.of(function, binding, environment);
    boolean binary = binding.text("dataType", "").equalsIgnoreCase("binary");
    return invocation ->
        blob.account()
            .read(blob.path(invocation), null)
            .map(found -> Content.value(found.bytes(), binary))
            .orElse(Value.NOTHING);
  }
}
