package dev.perdure.cli;

import dev.perdure.functions.app.AppLayout;
import dev.perdure.functions.app.InvalidAppException;
import dev.perdure.functions.definition.AppDefinition;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.host.AppLoader;
import dev.perdure.functions.text.Similar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** An app of which nothing would run, such as at a path with a typing error. */
final class EmptyApp {
  private EmptyApp() {}

  /**
   * Refuses it before a host leaves data there. One with functions that are wrong is none: the host
   * tells what is wrong.
   *
   * @throws InvalidAppException if nothing would run
   */
  static void refuse(AppRun.Request request, AppLoader.Loaded loaded) {
    AppDefinition definition = loaded.app().definition();
    if (!definition.durableClasses().isEmpty() || !definition.problems().isEmpty()) {
      return;
    }
    List<String> names = definition.functions().stream().map(FunctionDefinition::name).toList();
    if (names.isEmpty() && !isMarked(loaded.layout())) {
      Path app = request.app().toAbsolutePath().normalize();
      throw new InvalidAppException(
          "There is no app in '%s': it has classes but no function, and no host.json. Point to a Maven module, a directory staged for Azure, or a jar or a directory of classes with functions."
              .formatted(app));
    }
    Set<String> wanted = request.functions();
    if (!wanted.isEmpty() && wanted.stream().noneMatch(name -> isIn(names, name))) {
      throw new InvalidAppException(
          "%s Nothing would run. Correct the names of --functions, or leave it out."
              .formatted(
                  wanted.stream()
                      .map(name -> unknown(name, names))
                      .collect(Collectors.joining(" "))));
    }
  }

  /** Whether somebody has made it an app, if only one without functions so far. */
  private static boolean isMarked(AppLayout layout) {
    return layout.kind() == AppLayout.Kind.MAVEN
        || Files.exists(layout.root().resolve("host.json"));
  }

  private static boolean isIn(List<String> names, String wanted) {
    return names.stream().anyMatch(wanted::equalsIgnoreCase);
  }

  private static String unknown(String name, List<String> names) {
    return "There is no function '%s' to run.%s".formatted(name, Similar.didYouMean(name, names));
  }
}
