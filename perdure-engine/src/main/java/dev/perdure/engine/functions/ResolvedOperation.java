package dev.perdure.engine.functions;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * What a method reference to an operation stands for.
 *
 * @param owner the class or interface that the reference names
 * @param operation the name of the operation
 * @param resultType the type of its result, never a primitive; {@code Void.class} for nothing
 * @param takesInput whether it takes an input
 * @param entityName the name of the entity that the owner is, in lower case; null if the owner may
 *     stand for several entities, or does not say
 */
public record ResolvedOperation(
    Class<?> owner,
    String operation,
    Type resultType,
    boolean takesInput,
    @Nullable String entityName) {}
