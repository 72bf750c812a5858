package dev.perdure.functions.definition;

import dev.perdure.functions.text.Similar;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The functions of an app. Immutable.
 *
 * @param functions those that can run, in order of their names without regard to case
 * @param durableClasses binary names of classes with functions of Perdure's own kind: methods
 *     marked {@code @Orchestrator} or {@code @Activity}, or classes marked {@code @Entity}
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

  /**
   * The app with only some of its functions, as {@code functions} in host.json restricts it.
   * Problems of others are left out; a name that the app does not have is a problem.
   *
   * @param names of functions, in whatever case; empty for all
   */
  public AppDefinition only(List<String> names) {
    if (names.isEmpty()) {
      return this;
    }
    Set<String> wanted = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    wanted.addAll(names);
    List<AppProblem> kept =
        problems.stream()
            .filter(problem -> problem.function() == null || wanted.contains(problem.function()))
            .collect(Collectors.toCollection(ArrayList::new));
    Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    functions.forEach(function -> known.add(function.name()));
    problems.forEach(
        problem -> {
          if (problem.function() != null) {
            known.add(problem.function());
          }
        });
    for (String name : wanted) {
      if (!known.contains(name)) {
        kept.add(
            new AppProblem(
                null,
                "Only some functions are to be loaded, and one of them, '%s', is not in the app.%s"
                    .formatted(name, Similar.didYouMean(name, known))));
      }
    }
    return new AppDefinition(
        functions.stream().filter(function -> wanted.contains(function.name())).toList(),
        durableClasses,
        kept);
  }
}
