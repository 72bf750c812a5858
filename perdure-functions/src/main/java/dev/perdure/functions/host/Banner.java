package dev.perdure.functions.host;

import dev.perdure.functions.definition.Binding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a developer sees when an app has started: its functions and where they are. */
public final class Banner {
  private Banner() {}

  /** The lines, for a console. */
  public static List<String> lines(FunctionsHost host) {
    List<String> lines = new ArrayList<>();
    String base = "http://localhost:" + host.httpPort() + "/";
    List<HostedFunction> runs =
        host.functions().stream()
            .filter(f -> f.state() == HostedFunction.State.READY)
            .toList();
    if (!host.functions().isEmpty()) {
      lines.add("Functions:");
      lines.add("");
    }
    for (HostedFunction function : runs) {
      if (function.route() != null) {
        String methods =
            function.route().methods().isEmpty()
                ? ""
                : "[" + String.join(",", function.route().methods()) + "] ";
        add(lines, function, methods + base + function.route().template());
      }
    }
    for (HostedFunction function : runs) {
      if (function.route() == null) {
        add(lines, function, trigger(function));
      }
    }
    for (HostedFunction function : host.functions()) {
      switch (function.state()) {
        case READY -> {}
        case BY_HAND -> lines.add("\t%s: %s".formatted(function.name(), function.notice()));
        case DISABLED -> lines.add("\tFunction %s is disabled.".formatted(function.name()));
        case BROKEN ->
            lines.add("\t%s does not run: %s".formatted(function.name(), function.notice()));
      }
      if (function.state() != HostedFunction.State.READY) {
        lines.add("");
      }
    }
    for (String notice : host.notices()) {
      lines.add("! " + notice);
      lines.add("");
    }
    return lines;
  }

  private static void add(List<String> lines, HostedFunction function, String what) {
    lines.add(
        "\t%s: %s%s"
            .formatted(
                function.name(),
                what,
                function.notice() == null ? "" : "  (" + function.notice() + ")"));
    lines.add("");
  }

  private static String trigger(HostedFunction function) {
    Binding trigger = function.definition().trigger();
    String schedule = trigger.text("schedule");
    return schedule != null && trigger.type().toLowerCase(Locale.ROOT).equals("timertrigger")
        ? trigger.type() + " " + schedule
        : trigger.type();
  }
}
