package dev.perdure.engine.functions;

import java.lang.reflect.Type;

/**
 * What a method reference stands for.
 *
 * @param name the name under which the function is registered
 * @param version the version that the method implements; empty for none
 * @param resultType the type of what it returns, never a primitive; {@code Void.class} for nothing
 */
public record ResolvedFunction(String name, String version, Type resultType) {}
