package dev.perdure.functions.definition;

import java.util.List;

/**
 * The functions of an app. Immutable.
 *
 * @param functions those that can run, in order of their names without regard to case
 * @param durableClasses binary names of classes with functions of Perdure's own kind: methods
 *     marked {@code @Orchestrator}, {@code @Activity} or {@code @Entity}, or classes that are
 *     marked {@code @Entity} or extend one
 * @param problems what is wrong with others
 */
public record AppDefinition(
    List<FunctionDefinition> functions, List<String> durableClasses, List<AppProblem> problems) {
  /** Copies the lists. */
  public AppDefinition {
    functions = List.copyOf(functions);
    durableClasses = List.copyOf(durableClasses);
    problems = List.copyOf(problems);
  }
}
