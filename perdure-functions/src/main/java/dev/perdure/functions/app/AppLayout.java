package dev.perdure.functions.app;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the parts of an app are. Immutable.
 *
 * @param kind how the app is laid out
 * @param root the directory with host.json, local.settings.json and .env, in which the host keeps
 *     its data ({@code .perdure})
 * @param functions the directory with a directory for each function; null if functions are found by
 *     their annotations
 * @param own jar files and directories with the app's own classes
 * @param libraries what they need besides; without what the host supplies
 */
public record AppLayout(
    Kind kind, Path root, @Nullable Path functions, List<Path> own, List<Path> libraries) {
  /** Copies the lists. */
  public AppLayout {
    own = List.copyOf(own);
    libraries = List.copyOf(libraries);
  }

  /** How an app is laid out. */
  public enum Kind {
    /** As the build plugins for Azure do it: function.json files, a jar, lib/. */
    STAGED,
    /** A Maven module with its target directory. */
    MAVEN,
    /** A jar file, perhaps with lib/ beside it. */
    JAR,
    /** A directory of classes. */
    CLASSES
  }
}
