package dev.perdure.engine.functions;

import java.lang.reflect.Type;

/**
 * What a method reference stands for.
 *
 * @param name the name under which the function is registered
 * @param resultType the type of what it returns, never a primitive; {@code Void.class} for nothing
 */
public record ResolvedFunction(String name, Type resultType) {}
