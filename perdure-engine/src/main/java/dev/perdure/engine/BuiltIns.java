package dev.perdure.engine;

import dev.perdure.engine.functions.FunctionRegistry;

/** Functions that every hub has. */
final class BuiltIns {
  private BuiltIns() {}

  static FunctionRegistry addTo(FunctionRegistry functions) {
    return functions;
  }
}
