package dev.perdure.trigger.storage;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.trigger.BindingTemplate;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.TriggerEnvironment;

/**
 * A blob that an input or output names. Immutable.
 *
 * @param account where it is
 * @param path its path, with names in braces
 */
record BlobBinding(BlobAccount account, BindingTemplate path) {
  /**
   * The blob of a binding.
   *
   * @throws InvalidTriggerException if the path or the connection is wrong
   */
  static BlobBinding of(
      FunctionDefinition function, Binding binding, TriggerEnvironment environment) {
    String text = binding.text("path");
    if (text == null) {
      throw new InvalidTriggerException(
          "The binding '%s' names no blob; set path to container/name.".formatted(binding.name()));
    }
    BindingTemplate path =
        BindingTemplate.of(text, function.name(), environment.settings(), environment.clock());
    try {
      if (path.isFixed()) {
        BlobPath unused = BlobPath.parse(path.text());
      } else {
        checkContainer(path.text());
      }
    } catch (IllegalArgumentException e) {
      throw new InvalidTriggerException(String.valueOf(e.getMessage()), e);
    }
    return new BlobBinding(
        new AzureBlobs(StorageConnection.of(binding, environment.settings())), path);
  }

  /** What can be said of a path before it is filled in. */
  private static void checkContainer(String path) {
    int slash = path.indexOf('/');
    int brace = path.indexOf('{');
    if (slash >= 0 && slash < brace) {
      String unused = BlobPath.checkedContainer(path.substring(0, slash));
    } else if (slash < 0 && brace > 0) {
      throw new IllegalArgumentException(
          "'%s' is not the path of a blob; it has to be container/name.".formatted(path));
    }
  }

  /**
   * The path for a run.
   *
   * @throws IllegalArgumentException if a name in it is not known, or no blob can have this path
   */
  BlobPath path(Invocation invocation) {
    return BlobPath.parse(path.fill(invocation));
  }
}
