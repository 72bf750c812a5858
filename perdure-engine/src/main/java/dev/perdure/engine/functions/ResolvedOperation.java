package dev.perdure.engine.functions;

import dev.perdure.api.EntityId;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * What a method reference to an operation stands for.
 *
 * @param owner the class or interface that the reference names
 * @param operation the name of the operation
 * @param resultType the type of its result, never a primitive; {@code Void.class} for nothing
 * @param isUpdate whether the method returns an {@link dev.perdure.api.EntityUpdate}, of which
 *     callers get the result only
 * @param entityName the name of the entity that the owner is, in lower case; null if the owner may
 *     stand for several entities, or does not say
 */
public record ResolvedOperation(
    Class<?> owner,
    String operation,
    Type resultType,
    boolean isUpdate,
    @Nullable String entityName) {

  /**
   * This operation, for an entity.
   *
   * @throws IllegalArgumentException if the method belongs to another entity
   */
  public ResolvedOperation of(EntityId entity) {
    if (entityName != null && !entityName.equals(entity.name())) {
      throw new IllegalArgumentException(
          ("%s::%s is an operation of the entity '%s', and was used for %s. Refer to a method of that"
                  + " entity's class, or name the entity with EntityId.of(%s.class, key).")
              .formatted(
                  owner.getSimpleName(), operation, entityName, entity, owner.getSimpleName()));
    }
    return this;
  }

  /**
   * This operation, for an entity and somebody who wants what the compiler says the method returns.
   *
   * @throws IllegalArgumentException if the method belongs to another entity, or does not return
   *     what a caller gets
   */
  public ResolvedOperation calledOf(EntityId entity) {
    if (isUpdate) {
      throw new IllegalArgumentException(
          ("%s::%s returns an EntityUpdate, of which callers get the result only; the type of the"
                  + " reference does not say so. Call the operation by name, or through an entityProxy"
                  + " whose method returns %s.")
              .formatted(owner.getSimpleName(), operation, resultType.getTypeName()));
    }
    return of(entity);
  }
}
