package dev.perdure.functions.invoke;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import org.jspecify.annotations.Nullable;

/** Writes what functions give as JSON, the way the Java worker of Azure Functions does it. */
public final class Results {
  private static final Gson COMPACT = new Gson();
  private static final Gson INDENTED = new GsonBuilder().setPrettyPrinting().create();

  private Results() {}

  /** A value as JSON; null for nothing. */
  public static @Nullable String json(@Nullable Object value) {
    return value == null ? null : COMPACT.toJson(value);
  }

  /** A value as JSON over several lines. */
  public static String indentedJson(Object value) {
    return INDENTED.toJson(value);
  }
}
