package dev.perdure.api;

/**
 * What {@link EntityClient#cleanEntityStorage} found.
 *
 * @param emptyEntitiesRemoved entities that had neither state nor a lock nor anything waiting
 * @param orphanedLocksReleased locks whose orchestration had ended or was gone
 */
public record EntityStorageCleanup(long emptyEntitiesRemoved, long orphanedLocksReleased) {}
