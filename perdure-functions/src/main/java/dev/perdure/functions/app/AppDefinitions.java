package dev.perdure.functions.app;

import dev.perdure.functions.definition.AnnotationScan;
import dev.perdure.functions.definition.AppDefinition;
import dev.perdure.functions.definition.FunctionJson;

/** Reads what an app consists of, however it is laid out. */
public final class AppDefinitions {
  private AppDefinitions() {}

  /**
   * The functions of an app: those in its function.json files if it is staged, else those that its
   * annotations say; and its classes with functions of Perdure's own kind. Loads no class.
   */
  public static AppDefinition read(AppLayout layout, AppClassLoader loader) {
    if (layout.functions() == null) {
      return AnnotationScan.scan(layout.own(), layout.libraries());
    }
    AppDefinition staged = FunctionJson.read(layout.functions(), loader::hasClass);
    return new AppDefinition(
        staged.functions(), AnnotationScan.durableClasses(layout.own()), staged.problems());
  }
}
