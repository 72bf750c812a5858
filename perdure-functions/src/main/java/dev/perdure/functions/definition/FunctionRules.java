package dev.perdure.functions.definition;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What must be true of any function, wherever it is described. */
final class FunctionRules {
  private static final Pattern FUNCTION_NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9_-]{0,127}");
  private static final Pattern BINDING_NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9]{0,127}");

  private FunctionRules() {}

  /** What is wrong with a function, a sentence each; empty if it can run. */
  static List<String> violations(String name, List<Binding> bindings) {
    List<String> wrong = new ArrayList<>();
    if (!FUNCTION_NAME.matcher(name).matches()) {
      wrong.add(
          "'%s' cannot be the name of a function: it must begin with a letter and consist of at most 128 letters, digits, '_' and '-'."
              .formatted(name));
    } else if (name.equalsIgnoreCase("host")) {
      wrong.add("The name 'host' is the host's own; give the function another one.");
    }
    Set<String> names = new HashSet<>();
    for (Binding binding : bindings) {
      checkName(binding, names, wrong);
    }
    List<String> triggers =
        bindings.stream().filter(Binding::isTrigger).map(FunctionRules::described).toList();
    if (triggers.isEmpty()) {
      wrong.add(
          bindings.isEmpty()
              ? "It has no bindings, so nothing makes it run; it needs exactly one trigger."
              : "None of its bindings is a trigger, so nothing makes it run; it needs exactly one.");
    } else if (triggers.size() > 1) {
      wrong.add(
          "It has %d triggers (%s); a function has exactly one."
              .formatted(triggers.size(), String.join(", ", triggers)));
    }
    for (Binding binding : bindings) {
      if (binding.isTrigger() && binding.direction() == Direction.OUT) {
        wrong.add(
            "The trigger %s has the direction 'out'; triggers have 'in'."
                .formatted(described(binding)));
      }
    }
    return wrong;
  }

  private static void checkName(Binding binding, Set<String> names, List<String> wrong) {
    String name = binding.name();
    if (!name.equals(Binding.RETURN) && !BINDING_NAME.matcher(name).matches()) {
      wrong.add(
          "'%s' cannot be the name of a binding (%s): it must begin with a letter and consist of at most 128 letters and digits, or be $return."
              .formatted(name, binding.type()));
    } else if (!names.add(name.toLowerCase(Locale.ROOT))) {
      wrong.add("Two of its bindings have the name '%s'.".formatted(name));
    }
  }

  private static String described(Binding binding) {
    return "%s '%s'".formatted(binding.type(), binding.name());
  }
}
