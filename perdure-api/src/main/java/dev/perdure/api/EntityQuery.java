package dev.perdure.api;

import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which entities to list. All conditions that are set must hold. Immutable; start from {@link
 * #ALL}.
 *
 * @param name the entities' name, upper and lower case being the same; null for any
 * @param keyPrefix how the key begins; may be given together with a name only
 * @param modifiedFrom last modified at or after; null for any
 * @param modifiedTo last modified before; null for any
 * @param withoutState whether entities are listed too that have no state, but a lock or waiting
 *     operations
 * @param setAsideOnly whether only entities are listed that were set aside
 * @param states whether states are read as well
 * @param pageSize entities on one page, 1 to 10,000
 * @param continuationToken where the page begins: {@link Page#continuationToken()} of the one
 *     before; null for the first
 */
public record EntityQuery(
    @Nullable String name,
    String keyPrefix,
    @Nullable Instant modifiedFrom,
    @Nullable Instant modifiedTo,
    boolean withoutState,
    boolean setAsideOnly,
    boolean states,
    int pageSize,
    @Nullable String continuationToken) {

  /** All entities that have state, without their states, 100 to a page. */
  public static final EntityQuery ALL =
      new EntityQuery(null, "", null, null, false, false, false, 100, null);

  /** Checks the page size and that a prefix belongs to a name. */
  public EntityQuery {
    if (pageSize < 1 || pageSize > 10_000) {
      throw new IllegalArgumentException(
          "Entity query: the page size is %d; use 1 to 10000.".formatted(pageSize));
    }
    if (name == null && !keyPrefix.isEmpty()) {
      throw new IllegalArgumentException(
          "Entity query: a prefix of the key is given without a name. Name the entities as well.");
    }
  }

  /** This query for the entities of one name. */
  public EntityQuery withName(String wanted) {
    return with(change -> change.name = wanted);
  }

  /** This query for the entities of one class. */
  public EntityQuery withName(Class<?> entity) {
    return withName(EntityId.nameOf(entity));
  }

  /** This query for keys that begin so; give the name first. */
  public EntityQuery withKeyPrefix(String prefix) {
    return with(change -> change.keyPrefix = prefix);
  }

  /** This query for entities last modified in a range; null for an open end. */
  public EntityQuery withModified(@Nullable Instant from, @Nullable Instant to) {
    return with(
        change -> {
          change.modifiedFrom = from;
          change.modifiedTo = to;
        });
  }

  /** This query for entities without state as well. */
  public EntityQuery withStatelessToo() {
    return with(change -> change.withoutState = true);
  }

  /**
   * This query for entities that were set aside, with state or without, which {@link
   * EntityMetadata#problem()} tells more of. Pages hold what is found on the way: many are short or
   * empty.
   */
  public EntityQuery withSetAsideOnly() {
    return with(
        change -> {
          change.setAsideOnly = true;
          change.withoutState = true;
        });
  }

  /** This query with states read as well. */
  public EntityQuery withStates() {
    return with(change -> change.states = true);
  }

  /** This query with another page size. */
  public EntityQuery withPageSize(int size) {
    return with(change -> change.pageSize = size);
  }

  /** This query from where another page ended. */
  public EntityQuery withContinuationToken(@Nullable String token) {
    return with(change -> change.continuationToken = token);
  }

  private EntityQuery with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.finish();
  }

  /** A query while it is being changed. */
  private static final class Draft {
    private @Nullable String name;
    private String keyPrefix;
    private @Nullable Instant modifiedFrom;
    private @Nullable Instant modifiedTo;
    private boolean withoutState;
    private boolean setAsideOnly;
    private boolean states;
    private int pageSize;
    private @Nullable String continuationToken;

    Draft(EntityQuery from) {
      name = from.name;
      keyPrefix = from.keyPrefix;
      modifiedFrom = from.modifiedFrom;
      modifiedTo = from.modifiedTo;
      withoutState = from.withoutState;
      setAsideOnly = from.setAsideOnly;
      states = from.states;
      pageSize = from.pageSize;
      continuationToken = from.continuationToken;
    }

    EntityQuery finish() {
      return new EntityQuery(
          name,
          keyPrefix,
          modifiedFrom,
          modifiedTo,
          withoutState,
          setAsideOnly,
          states,
          pageSize,
          continuationToken);
    }
  }

  /**
   * One page of entities.
   *
   * @param entities the entities, in the order of their ids (as instance ids)
   * @param continuationToken where the next page begins; null if this was the last
   */
  public record Page(List<EntityMetadata> entities, @Nullable String continuationToken) {
    /** Copies the list. */
    public Page {
      entities = List.copyOf(entities);
    }
  }
}
